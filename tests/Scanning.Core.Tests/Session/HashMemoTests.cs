namespace Symantec.Virtualization.Scanning.Core.Tests.Session;

/// <summary>What a memo of hashes saves, and what it must never vouch for.</summary>
public class HashMemoTests
{
    private static readonly FileIdentity Identity = new() { Volume = "v", FileId = 1, Size = 3 };

    private readonly WordEngine _engine = new();
    private readonly MemoryReport _report = new();
    private readonly MemoryMemo _memo = new();
    private readonly MemorySeal _seal = new();
    private readonly RuleExemption _cache = new(
        ExemptionStage.Content, static question => question.Hash == ContentHash.Compute("ok"u8) ? ExemptionAnswer.Skip("voted clean") : ExemptionAnswer.Scan);

    [Fact]
    public async Task An_unchanged_file_that_may_be_skipped_is_not_read()
    {
        await RunAsync(File("first", "ok"));
        CountedContent again = File("again", "not read");

        await RunAsync(again);

        Assert.Equal((0, Disposition.Skipped), (again.Reads, Find("again").Disposition));
        Assert.Equal(ContentHash.Compute("ok"u8), Find("again").Hash);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(500_000)]
    public async Task A_verdict_stands_beside_the_hash_of_what_the_engine_saw_and_not_of_what_is_remembered(int length)
    {
        byte[] bytes = new byte[length];
        _memo.Known[Identity] = ContentHash.Compute("virus"u8);

        await RunAsync(new CountedContent("a", bytes) { FileIdentity = Identity });

        ContentHash seen = ContentHash.Compute(bytes);
        Assert.Contains(("a", ContentHash.Compute("virus"u8)), _cache.Asked);
        Assert.Equal((seen, seen, (ContentHash?)seen), (Assert.Single(_seal.Sealed).Hash, Find("a").Hash, Assert.Single(_cache.Told).Hash));
        Assert.Equal(seen, _memo.Known[Identity]);
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_scanned_is_told_without_a_hash_and_not_sealed()
    {
        CountedContent file = File("a", "bytes");
        _engine.OnScan = (_, _) => file.FileIdentity = Identity with { LastUsn = 2 };

        await RunAsync(file);

        Assert.Equal((null, Verdict.Clean), (Find("a").Hash, Find("a").Verdict!.Value));
        Assert.Null(Assert.Single(_cache.Told).Hash);
        Assert.Empty(_seal.Sealed);
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_hashed_is_not_remembered()
    {
        CountedContent file = File("a", "bytes");
        file.OnRead = () => file.FileIdentity = Identity with { LastUsn = 2 };

        await RunAsync(file);

        Assert.Empty(_memo.Known);
        Assert.Empty(_seal.Sealed);
    }

    [Fact]
    public async Task A_file_that_had_just_been_written_when_it_was_found_is_not_remembered_however_long_it_takes_to_read()
    {
        CountedContent file = File("a", "bytes");
        file.FileIdentity = Identity with { Changed = DateTime.UtcNow.AddSeconds(-1) };

        await RunAsync(file);

        Assert.Empty(_memo.Known);
    }

    [Fact]
    public async Task A_memo_that_fails_costs_reading_the_file_and_no_verdict()
    {
        MemoryMemo broken = new() { Failure = new InvalidDataException("the database is locked") };
        ScanSessionOptions options = Options();
        options.HashMemo = broken;

        await new ScanSession(_engine, options).RunAsync(new ListSource([File("a", "virus")]), TestContext.Current.CancellationToken);

        Assert.Equal((VerdictKind.Infected, ContentHash.Compute("virus"u8)), (Find("a").Verdict!.Value.Kind, Find("a").Hash!.Value));
    }

    [Fact]
    public async Task A_file_whose_identity_cannot_be_told_is_failed_and_the_others_are_scanned()
    {
        CountedContent bad = new("bad", [1]) { IdentityFailure = new IOException("stat failed") };

        ScanSummary summary = await RunAsync(bad, CountedContent.Of("good", "virus"));

        Assert.Equal(Verdict.Failed("stat failed"), Find("bad").Verdict);
        Assert.Equal((1, 1, 1), (summary.Failed, summary.Infected, bad.Disposals));
    }

    private static CountedContent File(string location, string text) => new(location, System.Text.Encoding.UTF8.GetBytes(text)) { FileIdentity = Identity };

    private ScanSessionOptions Options()
        => new() { MaxConcurrency = 2, HashMemo = _memo, Exemptions = { _cache }, SealSinks = { _seal }, Reports = { _report } };

    private Task<ScanSummary> RunAsync(params ScanContent[] contents)
        => new ScanSession(_engine, Options()).RunAsync(new ListSource(contents), TestContext.Current.CancellationToken);

    private ScanResult Find(string location) => _report.Results.Single(result => result.Location == location);
}
