using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.ImageException.Tests;

public sealed class SealingTests : IDisposable
{
    private readonly Workbench _bench = new();
    private readonly TemporaryFolder _image = new();

    public void Dispose()
    {
        _bench.Dispose();
        _image.Dispose();
    }

    [Fact]
    public async Task Only_what_was_found_clean_is_sealed_and_marked()
    {
        Write("good", "x");
        File.WriteAllBytes(_image["eicar.com"], Eicar.Bytes);

        SealOutcome outcome = await _bench.SealAsync(_image.Path);

        Assert.Equal((1, 1), (outcome.Sealed, outcome.MarksWritten));
        UnsealedFile unsealed = Assert.Single(outcome.Unsealed);
        Assert.Equal(_image["eicar.com"], unsealed.Location);
        Assert.StartsWith("Infected:", unsealed.Why, StringComparison.Ordinal);
        Assert.Null(Workbench.MarkOf(_image["eicar.com"]));
        Assert.Equal(["good"], Open().Entries().Select(static entry => entry.Path));
    }

    [Fact]
    public async Task Sealing_again_scans_only_what_changed_and_keeps_the_other_marks()
    {
        for (int i = 0; i < 20; i++)
        {
            Write($"file{i}", $"{i}");
        }

        SealOutcome first = await _bench.SealAsync(_image.Path);
        Mark? kept = Workbench.MarkOf(_image["file1"]);
        long scans = _bench.Engine.Scans;
        Write("file0", "patched");
        Write("new", "new");
        File.Delete(_image["file19"]);

        SealOutcome second = await _bench.SealAsync(_image.Path);

        Assert.Equal(2, _bench.Engine.Scans - scans);
        Assert.Equal((20, 18, 2), (second.Sealed, second.CarriedOver, second.MarksWritten));
        Assert.Equal((first.ImageId, first.Number + 1), (second.ImageId, second.Number));
        Assert.Equal(kept, Workbench.MarkOf(_image["file1"]));
        Assert.All((await _bench.ScanAsync(_image.Path)).Values, static result => Assert.Equal(Disposition.Skipped, result.Disposition));
    }

    [Fact]
    public async Task A_second_run_is_refused_while_one_seals_and_the_next_one_is_not()
    {
        Write("good", "x");
        IOException? second = null;
        IOException? removal = null;
        _bench.Engine.OnScan = _ =>
        {
            _bench.Engine.OnScan = null;
            second = Assert.Throws<IOException>(() => _bench.SealAsync(_image.Path).GetAwaiter().GetResult());
            removal = Assert.Throws<IOException>(() => SealRemover.RemoveSeal(SealPlace.Of(_image.Path)));
        };

        SealOutcome outcome = await _bench.SealAsync(_image.Path);
        SealOutcome next = await _bench.SealAsync(_image.Path);

        Assert.Equal((1, outcome.Number + 1), (outcome.Sealed, next.Number));
        Assert.Contains("another run is sealing", second?.Message, StringComparison.Ordinal);
        Assert.Contains("another run is sealing", removal?.Message, StringComparison.Ordinal);
        Assert.Equal(["image.seal"], Directory.GetFiles(Path.Combine(_image.Path, SealPlace.Folder)).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_file_that_was_carried_over_keeps_the_definitions_that_it_was_scanned_with()
    {
        Write("old", "1");
        await _bench.SealAsync(_image.Path);
        _bench.Engine.DefinitionsOverride = _bench.Engine.Definitions with
        {
            Version = "next", Digest = ContentHash.Compute("next"u8), Published = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero),
        };
        Write("new", "2");
        await _bench.SealAsync(_image.Path);
        SealTrust trust = new([_bench.Key.PublicKey], new VirtualImagesPolicy { OldestDefinitions = new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero) });

        Dictionary<string, ScanResult> results = await _bench.ScanAsync(_image.Path, trust);

        Assert.Equal((Disposition.Scanned, Disposition.Skipped), (results["old"].Disposition, results["new"].Disposition));
    }

    [Fact]
    public async Task A_content_that_was_recalled_is_scanned_and_no_other()
    {
        Write("bad", "turned out bad");
        Write("good", "x");
        await _bench.SealAsync(_image.Path);
        SealTrust trust = new([_bench.Key.PublicKey], new VirtualImagesPolicy { RecalledContents = [ContentHash.Compute("turned out bad"u8)] });

        Dictionary<string, ScanResult> results = await _bench.ScanAsync(_image.Path, trust);

        Assert.Equal((Disposition.Scanned, Disposition.Skipped), (results["bad"].Disposition, results["good"].Disposition));
    }

    [Fact]
    public async Task A_policy_that_does_not_switch_marks_on_has_everything_scanned()
    {
        Write("good", "x");
        await _bench.SealAsync(_image.Path);

        Assert.Equal(Disposition.Scanned, (await _bench.ScanAsync(_image.Path, onDemand: false))["good"].Disposition);
    }

    [Fact]
    public async Task A_run_that_is_ended_leaves_nothing_that_counts_and_the_next_one_goes_on()
    {
        for (int i = 0; i < 200; i++)
        {
            Write($"file{i}", $"{i}");
        }

        using CancellationTokenSource ending = new();
        _bench.Engine.OnScan = _ =>
        {
            if (_bench.Engine.Scans == 150)
            {
                ending.Cancel();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ImageSealer(_bench.Options(_image.Path)).SealAsync(ending.Token));
        Assert.False(File.Exists(SealPlace.Of(_image.Path)));
        long scanned = _bench.Engine.Scans;
        _bench.Engine.OnScan = null;

        SealOutcome outcome = await _bench.SealAsync(_image.Path);

        Assert.Equal(200, outcome.Sealed);
        Assert.InRange(_bench.Engine.Scans - scanned, 1, 100);
        Assert.InRange(outcome.CarriedOver, 100, 199);
        Assert.Equal(SealPlace.FileName, Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(_image.Path, SealPlace.Folder)))));
    }

    [Fact]
    public async Task A_second_interruption_loses_nothing_of_what_was_done_before_the_first()
    {
        const int Count = 3000;
        for (int i = 0; i < Count; i++)
        {
            Write($"file{i}", $"{i}");
        }

        await InterruptAsync(afterScans: Count - 100);
        string first = new LiveFileSource(_image.Path).EnumerateFiles(static _ => { }, TestContext.Current.CancellationToken)
            .Select(static file => file.Location).First(static location => !location.Contains(SealPlace.Folder, StringComparison.Ordinal));
        File.AppendAllText(first, "more");
        await InterruptAsync(afterScans: 1);
        long scanned = _bench.Engine.Scans;

        SealOutcome outcome = await _bench.SealAsync(_image.Path);

        Assert.Equal(Count, outcome.Sealed);
        Assert.InRange(_bench.Engine.Scans - scanned, 1, 300);
    }

    [Fact]
    public async Task Checkpoints_while_a_patch_is_scanned_give_no_mark_s_number_to_another_file()
    {
        const int Old = 1000;
        for (int i = 0; i < Old; i++)
        {
            Write($"file{i}", $"{i}");
        }

        await _bench.SealAsync(_image.Path);
        for (int i = 0; i < 100; i++)
        {
            Write($"new{i}", $"new {i}");
        }

        SealOutcome outcome = await _bench.SealAsync(_image.Path, static options => options.CheckpointInterval = TimeSpan.FromTicks(1));

        Assert.Equal((Old + 100, Old, 100), (outcome.Sealed, outcome.CarriedOver, outcome.MarksWritten));
        using Seal seal = Open();
        List<SealFinding> findings = [];
        Assert.True((await VerifyAsync(seal, findings)).IsIntact, string.Join('\n', findings.Where(static finding => finding.Kind != SealFindingKind.Unchanged).Take(3)));
        Assert.Equal(Old + 100, seal.Count);
    }

    [Fact]
    public async Task A_checkpoint_lets_nothing_be_skipped()
    {
        Write("good", "x");
        using CancellationTokenSource ending = new();
        _bench.Engine.OnScan = _ => ending.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ImageSealer(_bench.Options(_image.Path)).SealAsync(ending.Token));

        string checkpoint = Assert.Single(Directory.GetFiles(Path.Combine(_image.Path, SealPlace.Folder)));

        Assert.Equal(SealRefusal.Unfinished, Assert.Throws<SealException>(() => Seal.Open(checkpoint, _bench.Trust)).Refusal);
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_scanned_is_not_sealed()
    {
        Write("busy", "x");
        _bench.Engine.OnScan = content => File.AppendAllText(content.Location, "more");

        SealOutcome outcome = await _bench.SealAsync(_image.Path);

        Assert.Equal((0, 1), (outcome.Sealed, outcome.UnsealedCount));
        Assert.Equal("it changed while it was scanned", Assert.Single(outcome.Unsealed).Why);
    }

    [Fact]
    public async Task A_seal_of_files_that_were_not_scanned_says_so()
    {
        File.WriteAllBytes(_image["eicar.com"], Eicar.Bytes);

        await _bench.SealAsync(_image.Path, static options => options.Engine = null);

        using Seal seal = Open();
        Assert.True(seal.IsScanSkipped);
        Assert.Equal("not-scanned", Assert.Single(seal.Facts.Scopes).Engine);
        Assert.Equal(Eicar.Bytes.Length, Assert.Single(seal.Entries()).Size);
    }

    [Fact]
    public async Task Without_attributes_the_catalogue_alone_serves()
    {
        Write("good", "x");

        SealOutcome outcome = await _bench.SealAsync(_image.Path, static options => options.WriteMarks = false);

        Assert.NotNull(outcome.WhyNoMarks);
        Assert.Null(Workbench.MarkOf(_image["good"]));
        Assert.Equal(Disposition.Skipped, (await _bench.ScanAsync(_image.Path))["good"].Disposition);
    }

    [Fact]
    public async Task On_a_file_system_without_attributes_the_seal_says_so_and_serves()
    {
        using LoopVolume volume = LoopVolume.Make("ntfs", _bench.Folder, options: "streams_interface=none");
        File.WriteAllText(volume["file"], "content");

        SealOutcome outcome = await _bench.SealAsync(volume.Path);

        Assert.Contains("no extended attributes", outcome.WhyNoMarks, StringComparison.Ordinal);
        Assert.Equal(Disposition.Skipped, (await _bench.ScanAsync(volume.Path))["file"].Disposition);
    }

    [Theory]
    [InlineData(SealCheck.Identity)]
    [InlineData(SealCheck.IdentityOrHash)]
    [InlineData(SealCheck.Hash)]
    public void Where_users_can_set_all_times_a_file_is_not_believed_without_its_hash(SealCheck check)
    {
        // As an image of FAT, or of NTFS without a change journal.
        FileIdentity identity = new() { Volume = "v", FileId = 7, Size = 1, Modified = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), Changed = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc) };
        using SealedImage image = SealOf(identity, check);

        Assert.Equal(SealDecision.NeedsHash, image.Decide(identity));
        Assert.Equal(SealDecision.Unchanged, image.Decide(identity, ContentHash.Compute("x"u8), out _));
        Assert.Equal(SealDecision.Changed, image.Decide(identity, ContentHash.Compute("y"u8), out _));
    }

    [Fact]
    public void With_a_change_journal_a_file_is_believed_until_its_place_in_it_moves()
    {
        FileIdentity identity = new() { Volume = "0123456789ABCDEF", FileId = 7, Size = 1, Modified = DateTime.UnixEpoch, Changed = DateTime.UnixEpoch, JournalId = 3, LastUsn = 1000 };
        using SealedImage image = SealOf(identity, SealCheck.Identity);

        Assert.Equal(SealDecision.Unchanged, image.Decide(identity));
        Assert.Equal(SealDecision.Changed, image.Decide(identity with { LastUsn = 1001 }));
        Assert.Equal(SealDecision.Changed, image.Decide(identity with { JournalId = 4 }));
    }

    [Fact]
    public async Task An_image_that_was_copied_file_by_file_with_its_marks_is_known_by_its_hashes()
    {
        Write("kept", "kept");
        Write("changed", "changed");
        await _bench.SealAsync(_image.Path);
        string copy = _bench.Folder["copy"];
        Peer.Run("cp", "-a", _image.Path, copy);
        Peer.Run("bash", "-c", $"printf CHANGED | dd of='{copy}/changed' conv=notrunc status=none");

        Dictionary<string, ScanResult> results = await _bench.ScanAsync(copy, _bench.TrustWith(SealCheck.IdentityOrHash));

        Assert.Equal((Disposition.Skipped, Disposition.Scanned), (results["kept"].Disposition, results["changed"].Disposition));
        Assert.Equal(Disposition.Scanned, (await _bench.ScanAsync(copy))["kept"].Disposition);
    }

    [Fact]
    public async Task Clearing_takes_marks_off_and_what_was_cleared_is_scanned_again()
    {
        Directory.CreateDirectory(_image["part"]);
        Write("part/a", "a");
        Write("b", "b");
        await _bench.SealAsync(_image.Path);

        ClearOutcome part = SealRemover.ClearMarks(_image["part"], static problem => Assert.Fail(problem.Message), cancellationToken: TestContext.Current.CancellationToken);
        Dictionary<string, ScanResult> results = await _bench.ScanAsync(_image.Path);

        Assert.Equal((1, 1, 0), (part.Files, part.Removed, part.Problems));
        Assert.Equal((Disposition.Scanned, Disposition.Skipped), (results["part/a"].Disposition, results["b"].Disposition));

        SealRemover.ClearMarks(_image.Path, static problem => Assert.Fail(problem.Message), cancellationToken: TestContext.Current.CancellationToken);
        SealRemover.RemoveSeal(SealPlace.Of(_image.Path));

        Assert.Null(Workbench.MarkOf(_image["b"]));
        Assert.False(File.Exists(SealPlace.Of(_image.Path)));
    }

    [Fact]
    public async Task A_file_that_is_no_longer_clean_loses_its_mark_when_the_image_is_sealed_again()
    {
        Write("file", "x");
        await _bench.SealAsync(_image.Path);
        File.WriteAllBytes(_image["file"], Eicar.Bytes);
        Assert.NotNull(Workbench.MarkOf(_image["file"]));

        SealOutcome outcome = await _bench.SealAsync(_image.Path);

        Assert.Equal((0, 1), (outcome.Sealed, outcome.MarksRemoved));
        Assert.Null(Workbench.MarkOf(_image["file"]));
    }

    [Fact]
    public async Task An_image_as_it_was_sealed_is_intact_and_what_is_missing_is_named()
    {
        Write("a", "a");
        Write("b", "b");
        await _bench.SealAsync(_image.Path);
        List<SealFinding> findings = [];
        using Seal seal = Open();

        Assert.True((await VerifyAsync(seal, findings)).IsIntact);

        File.Delete(_image["b"]);
        findings.Clear();
        SealVerification missing = await VerifyAsync(seal, findings);

        Assert.False(missing.IsIntact);
        Assert.Equal("b", Assert.Single(findings, static finding => finding.Kind == SealFindingKind.Missing).Location);
    }

    private async Task InterruptAsync(long afterScans)
    {
        long end = _bench.Engine.Scans + afterScans;
        using CancellationTokenSource ending = new();
        _bench.Engine.OnScan = _ =>
        {
            if (_bench.Engine.Scans == end)
            {
                ending.Cancel();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ImageSealer(_bench.Options(_image.Path)).SealAsync(ending.Token));
        _bench.Engine.OnScan = null;
    }

    private Task<SealVerification> VerifyAsync(Seal seal, List<SealFinding> findings)
        => new SealVerifier(seal, _image.Path, findings.Add).VerifyAsync(cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Makes a seal of one file with the content <c>x</c>.</summary>
    private SealedImage SealOf(FileIdentity identity, SealCheck check)
    {
        SealBuilder builder = new("/image");
        builder.Start(new ScanRun(["/image"], ScanTrigger.Manual, new VerdictScope(_bench.Engine.Name, _bench.Engine.Profile, _bench.Engine.Definitions), DateTimeOffset.UtcNow));
        builder.Add(new ScanResult
        {
            Location = "/image/x", Length = 1, StoredLength = 1, Hash = ContentHash.Compute("x"u8), Identity = identity, OwnerIdentity = identity,
            Disposition = Disposition.Scanned, By = "engine", Verdict = Verdict.Clean,
        });
        builder.Write(_bench.Folder["one.seal"], _bench.Key);
        return SealedImage.Open(_bench.Folder["one.seal"], _bench.TrustWith(check));
    }

    private Seal Open() => Seal.Open(SealPlace.Of(_image.Path), _bench.Trust);

    private void Write(string name, string text) => File.WriteAllText(_image[name], text);
}
