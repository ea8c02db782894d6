using System.Collections.Concurrent;
using FsCheck.Xunit;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.Core.Tests.Session;

public class ScanSessionTests
{
    private readonly WordEngine _engine = new();
    private readonly MemoryReport _report = new();
    private readonly ScanSessionOptions _options = new() { MaxConcurrency = 4 };

    public ScanSessionTests() => _options.Reports.Add(_report);

    [Property(MaxTest = 50)]
    public async Task Every_content_is_scanned_once_and_gets_its_own_verdict(bool[] infected, byte threads)
    {
        MemoryReport report = new();
        ScanSessionOptions options = new() { MaxConcurrency = 1 + (threads % 8), Reports = { report } };
        CountedContent[] contents = [.. infected.Select((virus, i) => CountedContent.Of($"{i}", virus ? $"a virus {i}" : $"nothing {i}"))];

        ScanSummary summary = await new ScanSession(_engine, options).RunAsync(new ListSource(contents), TestContext.Current.CancellationToken);

        Assert.Equal(
            infected.Select((virus, i) => ($"{i}", virus ? VerdictKind.Infected : VerdictKind.Clean)).Order(),
            report.Results.Select(result => (result.Location, result.Verdict!.Value.Kind)).Order());
        Assert.Equal((infected.Length, infected.Count(static virus => virus)), (summary.Contents, summary.Infected));
        Assert.All(contents, static content => Assert.Equal(1, content.Disposals));
    }

    [Fact]
    public async Task Named_streams_are_scanned_like_files()
    {
        CountedContent file = new("a.txt", [1])
        {
            NamedStreams = [CountedContent.Of("a.txt:hidden", "virus"), CountedContent.Of("a.txt:Zone.Identifier", "ok")],
        };

        await RunAsync(file);

        Assert.Equal(
            [("a.txt", VerdictKind.Clean), ("a.txt:Zone.Identifier", VerdictKind.Clean), ("a.txt:hidden", VerdictKind.Infected)],
            _report.Results.Select(result => (result.Location, result.Verdict!.Value.Kind)).OrderBy(result => result.Location, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_content_that_cannot_be_read_is_failed_and_the_others_are_scanned()
    {
        ScanSummary summary = await RunAsync(new CountedContent("bad", [1]) { Failure = new IOException("sector 7 is gone") }, CountedContent.Of("good", "ok"));

        Assert.Equal(Verdict.Failed("sector 7 is gone"), Find("bad").Verdict);
        Assert.Equal(Verdict.Clean, Find("good").Verdict);
        Assert.Equal((1, false), (summary.Failed, summary.IsComplete));
    }

    [Fact]
    public async Task An_engine_that_breaks_on_a_content_costs_that_content_its_verdict_and_no_other()
    {
        _engine.OnScan = static (content, _) =>
        {
            if (content.Location == "crafted")
            {
                throw new InvalidOperationException("engine bug");
            }
        };

        await RunAsync(CountedContent.Of("crafted", "x"), CountedContent.Of("good", "ok"));

        Assert.Equal(Verdict.Failed("engine bug"), Find("crafted").Verdict);
        Assert.Equal(Verdict.Clean, Find("good").Verdict);
    }

    [Fact]
    public async Task A_content_in_a_form_that_cannot_be_scanned_is_incomplete_and_is_not_read()
    {
        CountedContent content = new("secret", [1, 2, 3]) { Reason = "encrypted (EFS)" };

        ScanSummary summary = await RunAsync(content);

        Assert.Equal((Disposition.Unscannable, Verdict.Incomplete("encrypted (EFS)")), (Find("secret").Disposition, Find("secret").Verdict!.Value));
        Assert.Equal((0, 1, false), (content.Reads, summary.Incomplete, summary.IsComplete));
    }

    [Fact]
    public async Task A_problem_of_a_source_makes_the_scan_incomplete()
    {
        ScanSummary summary = await RunAsync(new ListSource([CountedContent.Of("a", "ok")]) { Problems = [new ScanProblem("p2", "no file system")] });

        Assert.Equal([new ScanProblem("p2", "no file system")], _report.Problems);
        Assert.False(summary.IsComplete);
    }

    [Fact]
    public async Task A_source_that_breaks_off_is_a_problem_and_the_next_source_is_scanned()
    {
        ListSource broken = new([CountedContent.Of("a", "ok")]) { Failure = new IOException("the disk is gone") };

        await new ScanSession(_engine, _options).RunAsync([broken, new ListSource([CountedContent.Of("b", "ok")])], TestContext.Current.CancellationToken);

        Assert.Equal(["a", "b"], _report.Results.Select(result => result.Location).Order());
        Assert.Equal(new ScanProblem("list", "the disk is gone"), Assert.Single(_report.Problems));
    }

    [Fact]
    public async Task Hashes_are_computed_only_where_somebody_wants_them()
    {
        await RunAsync(CountedContent.Of("a", "abc"));
        Assert.Null(Find("a").Hash);

        _options.HashContents = true;
        CountedContent content = CountedContent.Of("b", "abc");
        await RunAsync(content);

        Assert.Equal(ContentHash.Compute("abc"u8), Find("b").Hash);
        Assert.Equal(1, content.Reads);
        Assert.Contains(("b", ContentHash.Compute("abc"u8)), _engine.Scanned);
    }

    [Fact]
    public async Task Holes_are_hashed_and_not_read()
    {
        _options.HashContents = true;
        CountedContent content = new("sparse", new byte[100_000], length: 300 << 20);

        await RunAsync(content);

        Assert.Equal(ContentHash.Compute(new byte[300 << 20]), Find("sparse").Hash);
        Assert.InRange(content.Reads, 1, 5);
    }

    [Fact]
    public async Task A_content_that_is_too_long_to_hash_is_scanned_and_never_clean()
    {
        _options.HashContents = true;
        _options.Policy = new ScanPolicy { Limits = new() { MaxHashedLength = 2 } };

        await RunAsync(CountedContent.Of("a", "abc"), CountedContent.Of("b", "virus"));

        Assert.Equal((null, VerdictKind.Incomplete), (Find("a").Hash, Find("a").Verdict!.Value.Kind));
        Assert.Contains("more than the 2 bytes that are hashed", Find("a").Verdict!.Value.Detail, StringComparison.Ordinal);
        Assert.Equal(VerdictKind.Infected, Find("b").Verdict!.Value.Kind);
    }

    [Fact]
    public async Task Holes_that_are_too_long_to_hash_cost_nothing_and_end_incomplete()
    {
        _options.HashContents = true;

        ScanSummary summary = await RunAsync(
            new CountedContent("empty", [1], length: 900L << 30), new CountedContent("bad", "virus"u8.ToArray(), length: 900L << 30), CountedContent.Of("small", "ok"));

        Assert.Equal((null, VerdictKind.Incomplete), (Find("empty").Hash, Find("empty").Verdict!.Value.Kind));
        Assert.Contains("bytes of holes that are hashed of one file", Find("empty").Verdict!.Value.Detail, StringComparison.Ordinal);
        Assert.Equal(VerdictKind.Infected, Find("bad").Verdict!.Value.Kind);
        Assert.Equal((Verdict.Clean, false), (Find("small").Verdict!.Value, summary.IsComplete));
    }

    [Fact]
    public async Task The_holes_of_one_source_are_bounded_together_and_those_of_the_next_are_counted_anew()
    {
        _options.HashContents = true;
        _options.MaxConcurrency = 1;
        _options.Policy = new ScanPolicy { Limits = new() { MaxTotalHoleLength = 300_000 } };
        ListSource Source(string name) => new([.. Enumerable.Range(0, 3).Select(i => new CountedContent($"{name}{i}", [1], length: 200_000))]);

        await new ScanSession(_engine, _options).RunAsync([Source("a"), Source("b")], TestContext.Current.CancellationToken);

        Assert.Equal(["a2", "b2"], _report.Results.Where(result => result.Verdict!.Value.Kind == VerdictKind.Incomplete).Select(result => result.Location).Order());
        Assert.Contains("its image has more than", Find("a2").Verdict!.Value.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seals_receive_files_that_were_scanned_to_their_end_and_no_others()
    {
        MemorySeal seal = new();
        _options.SealSinks.Add(seal);
        FileIdentity Identity(int id) => new() { Volume = "v", FileId = (UInt128)id, Size = 1 };

        await RunAsync(
            new CountedContent("clean", [1]) { FileIdentity = Identity(1) },
            new CountedContent("infected", "virus"u8.ToArray()) { FileIdentity = Identity(2) },
            new CountedContent("unreadable", [1]) { FileIdentity = Identity(3), Failure = new IOException("x") },
            new CountedContent("encrypted", [1]) { FileIdentity = Identity(4), Reason = "EFS" },
            new CountedContent("no file", [1]));

        Assert.Equal(
            [((UInt128)1, VerdictKind.Clean, ContentHash.Compute([1])), (2, VerdictKind.Infected, ContentHash.Compute("virus"u8))],
            seal.Sealed.OrderBy(entry => entry.FileId).ToArray());
    }

    [Fact]
    public async Task A_cancelled_scan_ends_its_reports_and_releases_every_content()
    {
        using CancellationTokenSource cancel = new();
        List<CountedContent> listed = [];
        IEnumerable<ScanContent> Endless()
        {
            while (true)
            {
                CountedContent content = CountedContent.Of("x", "ok");
                listed.Add(content);
                yield return content;
            }
        }

        _engine.OnScan = (_, _) =>
        {
            if (_engine.Scanned.Count == 100)
            {
                cancel.Cancel();
            }
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ScanSession(_engine, _options).RunAsync(new ListSource(Endless()), cancel.Token));

        Assert.True(_report.Summary!.Cancelled);
        Assert.Equal(_report.Results.Count, _report.Summary.Contents);
        Assert.All(listed, static content => Assert.InRange(content.Disposals, 1, 2));
    }

    [Fact]
    public async Task A_report_that_fails_ends_the_scan_with_its_own_exception()
    {
        _options.Reports.Add(new MemoryReport { OnResult = static _ => throw new IOException("disk full") });
        IEnumerable<ScanContent> Endless()
        {
            while (true)
            {
                yield return CountedContent.Of("x", "ok");
            }
        }

        IOException e = await Assert.ThrowsAsync<IOException>(
            () => new ScanSession(_engine, _options).RunAsync(new ListSource(Endless()), TestContext.Current.CancellationToken));

        Assert.Equal("disk full", e.Message);
    }

    [Fact]
    public async Task The_listing_does_not_run_ahead_of_the_engine()
    {
        int listed = 0;
        int ahead = 0;
        IEnumerable<ScanContent> Contents()
        {
            for (int i = 0; i < 2000; i++)
            {
                ahead = Math.Max(ahead, ++listed - _engine.Scanned.Count);
                yield return CountedContent.Of($"{i}", "ok");
            }
        }

        await RunAsync(new ListSource(Contents()));

        Assert.InRange(ahead, 1, 100);
    }

    [Fact]
    public async Task Progress_ends_with_all_that_there_was()
    {
        LastProgress progress = new();
        _options.Progress = progress;

        await RunAsync(new ListSource([CountedContent.Of("a", "1234"), CountedContent.Of("b", "virus"), new CountedContent("c", [1]) { Reason = "EFS" }])
        {
            StoredBytes = 20,
        });

        Assert.Equal((3, 10, 20L, 1, 1), (progress.Last!.Contents, progress.Last.Bytes, progress.Last.TotalBytes, progress.Last.Infected, progress.Last.Problems));
        Assert.Equal(0.5, progress.Last.Fraction);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(257)]
    public void An_option_out_of_its_range_is_refused(int concurrency)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new ScanSession(_engine, new ScanSessionOptions { MaxConcurrency = concurrency }));

    [Fact]
    public void A_time_out_of_its_range_is_refused_by_name()
    {
        Assert.Contains("ProgressInterval takes", Refused(new ScanSessionOptions { ProgressInterval = TimeSpan.MaxValue }), StringComparison.Ordinal);
        Assert.Contains("ProgressInterval takes", Refused(new ScanSessionOptions { ProgressInterval = TimeSpan.Zero }), StringComparison.Ordinal);
        Assert.Contains("ExemptionTimeout takes", Refused(new ScanSessionOptions { ExemptionTimeout = TimeSpan.FromDays(2) }), StringComparison.Ordinal);

        string Refused(ScanSessionOptions options) => Assert.Throws<ArgumentOutOfRangeException>(() => new ScanSession(_engine, options)).Message;
    }

    [Fact]
    public async Task The_engine_gets_the_open_file_of_a_content_that_has_one()
    {
        using SafeFileHandle file = File.OpenHandle(typeof(ScanSessionTests).Assembly.Location);
        ConcurrentDictionary<string, SafeFileHandle?> files = [];
        _engine.OnScan = (content, _) => files[content.Location] = content.FileHandle;

        await RunAsync(new CountedContent("a", "ok"u8.ToArray()) { OpenFile = file }, CountedContent.Of("b", "okay"));

        Assert.Same(file, files["a"]);
        Assert.Null(files["b"]);
    }

    private Task<ScanSummary> RunAsync(params ScanContent[] contents) => RunAsync(new ListSource(contents));

    private Task<ScanSummary> RunAsync(ListSource source) => new ScanSession(_engine, _options).RunAsync(source, TestContext.Current.CancellationToken);

    private ScanResult Find(string location) => _report.Results.Single(result => result.Location == location);

    private sealed class LastProgress : IProgress<ScanProgress>
    {
        public ScanProgress? Last { get; private set; }

        public void Report(ScanProgress value) => Last = value;
    }
}
