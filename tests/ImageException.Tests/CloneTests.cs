using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException.Tests;

/// <summary>A sealed image, copied block for block and mounted, as clones are; then every way to change a file of it.</summary>
public sealed class CloneTests : IDisposable
{
    private static readonly string[] Files = ["bin/tool", "bin/other", "etc/conf", "var/data", "linked", "link"];

    private readonly Workbench _bench = new();

    public static TheoryData<string> Kinds => [.. LoopVolume.Kinds];

    /// <summary>How somebody may change <c>bin/tool</c>, whose 64 KiB begin with <c>original</c>, as a script of the shell in the clone's root.</summary>
    public static TheoryData<string, string, string> Changes()
    {
        (string How, string Script)[] ways =
        [
            ("written in place", "printf EVIL | dd of=bin/tool conv=notrunc status=none"),
            ("cut off", "truncate -s 100 bin/tool"),
            ("made longer", "truncate -s 100000 bin/tool"),
            ("appended to", "printf EVIL >> bin/tool"),
            ("written through a map", "python3 -c \"import mmap,os; f=os.open('bin/tool',os.O_RDWR); m=mmap.mmap(f,0); m[0:4]=b'EVIL'; m.flush(); m.close(); os.close(f)\""),
            ("renamed over", "cp bin/tool new; printf EVIL | dd of=new conv=notrunc status=none; touch -r bin/tool new; mv new bin/tool"),
            ("removed and made anew", "cp -p bin/tool new; rm bin/tool; cp -p new bin/tool; printf EVIL | dd of=bin/tool conv=notrunc status=none; rm new"),
            ("written and its times set back", "touch -r bin/tool times; printf EVIL | dd of=bin/tool conv=notrunc status=none; touch -r times bin/tool; rm times"),
            ("swapped with another", "mv bin/tool t; mv bin/other bin/tool; mv t bin/other; printf EVIL | dd of=bin/tool conv=notrunc status=none"),
            ("changed with its mark put back", "getfattr --absolute-names -d -m user bin/tool > attributes; printf EVIL | dd of=bin/tool conv=notrunc status=none; setfattr --restore=attributes; rm attributes"),
            ("replaced by a copy with its mark", "cp --preserve=all bin/tool new; printf EVIL | dd of=new conv=notrunc status=none; cp --preserve=all --attributes-only bin/tool new; mv new bin/tool"),
        ];
        TheoryData<string, string, string> rows = [];
        foreach (string kind in LoopVolume.Kinds)
        {
            foreach ((string how, string script) in ways)
            {
                rows.Add(kind, how, script);
            }
        }

        return rows;
    }

    public void Dispose() => _bench.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_unchanged_file_of_a_clone_is_exempt_and_a_changed_one_is_not(string kind)
    {
        using LoopVolume image = await SealedImageAsync(kind);
        using LoopVolume clone = image.Clone(_bench.Folder, "clone");

        Dictionary<string, ScanResult> results = await _bench.ScanAsync(clone.Path);

        Assert.Equal(Files.Order(StringComparer.Ordinal), results.Keys.Order(StringComparer.Ordinal));
        Assert.All(results.Values, static result => Assert.Equal((Disposition.Skipped, ImageExemption.ExemptionName), (result.Disposition, result.By)));
        Assert.All(Files, file => Assert.NotNull(Workbench.MarkOf(clone[file])));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_file_is_scanned_that_was(string kind, string how, string script)
    {
        using LoopVolume image = await SealedImageAsync(kind);
        using LoopVolume clone = image.Clone(_bench.Folder, "clone");

        Assert.NotEmpty(how);
        Peer.Run("bash", "-ec", $"cd '{clone.Path}'; {script}");
        Dictionary<string, ScanResult> results = await _bench.ScanAsync(clone.Path);
        Dictionary<string, ScanResult> compared = await _bench.ScanAsync(clone.Path, _bench.TrustWith(SealCheck.IdentityOrHash));

        Assert.Equal(Disposition.Scanned, results["bin/tool"].Disposition);
        Assert.Equal(Disposition.Scanned, compared["bin/tool"].Disposition);
        Assert.Equal(Disposition.Skipped, results["etc/conf"].Disposition);
        Assert.Equal(Disposition.Skipped, results["var/data"].Disposition);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_change_through_another_name_is_seen_through_each(string kind)
    {
        using LoopVolume image = await SealedImageAsync(kind);
        using LoopVolume clone = image.Clone(_bench.Folder, "clone");

        File.AppendAllText(clone["link"], "EVIL");
        Dictionary<string, ScanResult> results = await _bench.ScanAsync(clone.Path);

        Assert.Equal((Disposition.Scanned, Disposition.Scanned), (results["link"].Disposition, results["linked"].Disposition));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_changed_file_loses_its_mark_and_one_that_is_only_touched_is_skipped_by_its_hash(string kind)
    {
        using LoopVolume image = await SealedImageAsync(kind);
        using LoopVolume clone = image.Clone(_bench.Folder, "clone");
        File.AppendAllText(clone["bin/tool"], "EVIL");
        File.SetLastWriteTimeUtc(clone["etc/conf"], new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        Dictionary<string, ScanResult> compared = await _bench.ScanAsync(clone.Path, _bench.TrustWith(SealCheck.IdentityOrHash));

        Assert.Equal((Disposition.Skipped, Disposition.Scanned), (compared["etc/conf"].Disposition, compared["bin/tool"].Disposition));
        Assert.NotNull(Workbench.MarkOf(clone["etc/conf"]));
        Assert.Null(Workbench.MarkOf(clone["bin/tool"]));

        Dictionary<string, ScanResult> quick = await _bench.ScanAsync(clone.Path);

        Assert.Equal(Disposition.Scanned, quick["etc/conf"].Disposition);
        Assert.Null(Workbench.MarkOf(clone["etc/conf"]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_edit_of_the_disk_itself_is_found_by_verifying_and_by_comparing_hashes_and_not_by_the_quick_check(string kind)
    {
        using LoopVolume image = await SealedImageAsync(kind);
        using LoopVolume clone = image.Clone(_bench.Folder, "clone");
        Assert.NotEqual(0, clone.EditRaw("original of bin/tool"u8, "infected of bin/tool"u8));

        // Btrfs has checksums of its own and refuses to read what was edited.
        bool isRefused = kind == "btrfs";
        List<SealFinding> findings = [];
        using Seal seal = Seal.Open(SealPlace.Of(clone.Path), _bench.Trust);
        SealVerification verification = await new SealVerifier(seal, clone.Path, findings.Add).VerifyAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Disposition.Skipped, (await _bench.ScanAsync(clone.Path))["bin/tool"].Disposition);
        Assert.Equal(
            isRefused ? SealFindingKind.Unreadable : SealFindingKind.ChangedUnseen,
            findings.Single(finding => finding.Location == clone["bin/tool"] && finding.Kind != SealFindingKind.Unchanged).Kind);
        Assert.False(verification.IsIntact);
        Assert.Equal(Disposition.Scanned, (await _bench.ScanAsync(clone.Path, _bench.TrustWith(SealCheck.Hash)))["bin/tool"].Disposition);
        Assert.Equal(Disposition.Skipped, (await _bench.ScanAsync(clone.Path, _bench.TrustWith(SealCheck.Hash)))["etc/conf"].Disposition);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_copied_mark_makes_no_file_a_sealed_one(string kind)
    {
        using LoopVolume image = await SealedImageAsync(kind);
        using LoopVolume clone = image.Clone(_bench.Folder, "clone");
        Peer.Run("bash", "-ec", $"cd '{clone.Path}'; cp etc/conf evil; getfattr -d -m user -e hex etc/conf | sed 's/etc.conf/evil/' | setfattr --restore=-");

        Assert.NotNull(Workbench.MarkOf(clone["evil"]));
        Assert.Equal(Disposition.Scanned, (await _bench.ScanAsync(clone.Path))["evil"].Disposition);
        List<SealFinding> findings = [];
        using Seal seal = Seal.Open(SealPlace.Of(clone.Path), _bench.Trust);
        await new SealVerifier(seal, clone.Path, findings.Add).VerifyAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains(findings, finding => finding is { Kind: SealFindingKind.MarkForeign } && finding.Location == clone["evil"]);
    }

    private async Task<LoopVolume> SealedImageAsync(string kind)
    {
        Peer.Require("setfattr", "getfattr");
        LoopVolume volume = LoopVolume.Make(kind, _bench.Folder);
        foreach (string file in Files.Where(static file => file != "link"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(volume[file])!);
            File.WriteAllText(volume[file], $"original of {file}".PadRight(64 << 10, '.'));
        }

        Peer.Run("ln", volume["linked"], volume["link"]);
        await _bench.SealAsync(volume.Path);
        return volume;
    }
}
