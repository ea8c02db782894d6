namespace Symantec.Virtualization.Scanning.Core.Tests.Session;

/// <summary>A cancellation that nobody asked for is a failure: neither a clean scan nor one that waits for ever.</summary>
public class UnaskedCancellationTests
{
    private readonly WordEngine _engine = new();
    private readonly MemoryReport _report = new();
    private readonly ScanSessionOptions _options = new() { MaxConcurrency = 2 };

    public UnaskedCancellationTests() => _options.Reports.Add(_report);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_engine_that_gives_up_by_itself_fails_every_content_that_it_gives_up_on(bool hashed)
    {
        _options.HashContents = hashed;
        _engine.OnScan = static (_, _) => throw new TaskCanceledException("the daemon did not answer");

        ScanSummary summary = await RunAsync(Enumerable.Range(0, 1000).Select(static i => CountedContent.Of($"{i}", "virus")));

        Assert.Equal((1000, 1000, false), (summary.Contents, summary.Failed, summary.IsComplete));
        Assert.All(_report.Results, static result => Assert.Equal(Verdict.Failed("the daemon did not answer"), result.Verdict));
    }

    [Fact]
    public async Task A_source_that_gives_up_by_itself_is_a_problem()
    {
        static IEnumerable<ScanContent> Contents()
        {
            yield return CountedContent.Of("a", "ok");
            throw new TaskCanceledException("the share did not answer");
        }

        ScanSummary summary = await RunAsync(Contents());

        Assert.Equal(new ScanProblem("list", "the share did not answer"), Assert.Single(_report.Problems));
        Assert.Equal((1, false), (summary.Contents, summary.IsComplete));
    }

    [Fact]
    public async Task A_report_that_gives_up_by_itself_fails_the_scan()
    {
        _options.Reports.Add(new MemoryReport { OnResult = static _ => throw new TaskCanceledException("the log did not answer") });

        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(
            () => RunAsync(Enumerable.Range(0, 1000).Select(static i => CountedContent.Of($"{i}", "ok"))));

        Assert.Contains("the log did not answer", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_dies_ends_the_scan_with_its_exception_while_others_wait()
    {
        // The result of the first content cannot be made, outside of what a worker guards.
        IEnumerable<ScanContent> contents = Enumerable.Range(0, 1000).Select(static i => i == 0 ? new Nameless() : (ScanContent)CountedContent.Of($"{i}", "ok"));

        NotSupportedException e = await Assert.ThrowsAsync<NotSupportedException>(() => RunAsync(contents));

        Assert.Equal("it has no name", e.Message);
    }

    [Fact]
    public async Task A_failure_without_a_message_is_a_failure_all_the_same()
    {
        _engine.OnScan = static (_, _) => throw new IOException("");

        await RunAsync([CountedContent.Of("a", "ok")]);

        Assert.Equal(Verdict.Failed("IOException"), Assert.Single(_report.Results).Verdict);
    }

    private Task<ScanSummary> RunAsync(IEnumerable<ScanContent> contents)
        => new ScanSession(_engine, _options).RunAsync(new ListSource(contents), TestContext.Current.CancellationToken);

    private sealed class Nameless : ScanContent
    {
        public override string Location => "nameless";

        public override IReadOnlyList<string> OtherLocations => throw new NotSupportedException("it has no name");

        public override long Length => 1;

        protected override void ReadCore(long offset, Span<byte> buffer) => buffer.Clear();
    }
}
