using Microsoft.Extensions.Time.Testing;

namespace Symantec.Virtualization.Scanning.Core.Tests.Session;

/// <summary>What is told of a scan's progress is the host's code, and must not harm the scan.</summary>
public class ProgressTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly WordEngine _engine = new();

    [Fact]
    public async Task A_callback_that_throws_is_called_again_and_the_scan_goes_on()
    {
        int calls = 0;
        _engine.OnScan = (_, _) => _time.Advance(TimeSpan.FromSeconds(1));

        ScanSummary summary = await RunAsync(
            new ListSource([CountedContent.Of("a", "virus")]),
            _ =>
            {
                calls++;
                throw new ObjectDisposedException("the window");
            });

        Assert.Equal((1, true), (summary.Infected, calls > 1));
    }

    [Fact]
    public async Task A_source_that_cannot_tell_its_size_harms_nobody()
    {
        _engine.OnScan = (_, _) => _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, (await RunAsync(new Sizeless(), static _ => { })).Contents);
    }

    [Fact]
    public async Task A_callback_that_lets_time_pass_is_not_called_within_itself()
    {
        int inside = 0;
        int deepest = 0;
        _engine.OnScan = (_, _) => _time.Advance(TimeSpan.FromSeconds(1));

        await RunAsync(new ListSource([CountedContent.Of("a", "ok")]), _ =>
        {
            deepest = Math.Max(deepest, ++inside);
            _time.Advance(TimeSpan.FromSeconds(1));
            inside--;
        });

        Assert.Equal(1, deepest);
    }

    [Fact]
    public async Task Nothing_is_told_after_the_end()
    {
        List<long> told = [];
        await RunAsync(new ListSource([CountedContent.Of("a", "ok")]), progress => told.Add(progress.Contents));
        int count = told.Count;

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((1, count), (told[^1], told.Count));
    }

    private Task<ScanSummary> RunAsync(IScanSource source, Action<ScanProgress> onProgress)
        => new ScanSession(_engine, new ScanSessionOptions { MaxConcurrency = 1, Progress = new Callback(onProgress) }, _time)
            .RunAsync(source, TestContext.Current.CancellationToken);

    private sealed class Callback(Action<ScanProgress> onProgress) : IProgress<ScanProgress>
    {
        public void Report(ScanProgress value) => onProgress(value);
    }

    private sealed class Sizeless : IScanSource
    {
        public string Name => "sizeless";

        public long? StoredBytes => throw new FileNotFoundException("gone");

        public IEnumerable<ScanContent> Enumerate(Action<ScanProblem> onProblem, CancellationToken cancellationToken) => [CountedContent.Of("a", "ok")];
    }
}
