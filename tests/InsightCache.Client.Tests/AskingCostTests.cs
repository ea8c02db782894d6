using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>Who is not asked about, since scanning is sooner done.</summary>
public class AskingCostTests
{
    private static readonly TimeSpan Fast = TimeSpan.FromMicroseconds(1);

    private readonly AskingCost _cost = new();

    [Fact]
    public void Nothing_is_cheaper_before_both_were_measured()
    {
        Measure(() => _cost.Scanned(100, Fast));

        Assert.False(_cost.IsCheaperToScan(100));
    }

    [Fact]
    public void Small_contents_are_scanned_where_asking_costs_more_and_large_ones_asked_about()
    {
        Measure(() => _cost.Asked(100, TimeSpan.FromMilliseconds(2))); // 20 microseconds each
        Measure(() => _cost.Scanned(100, Fast));
        Measure(() => _cost.Scanned(1 << 20, TimeSpan.FromMilliseconds(1)));

        Assert.True(_cost.IsCheaperToScan(100));
        Assert.False(_cost.IsCheaperToScan(1 << 20));
        Assert.False(_cost.IsCheaperToScan(1 << 30)); // Nothing is known of such.
    }

    [Fact]
    public void A_change_is_noticed()
    {
        Measure(() => _cost.Asked(100, TimeSpan.FromMilliseconds(2)));
        Measure(() => _cost.Scanned(100, Fast));
        for (int i = 0; i < 5; i++)
        {
            Measure(() => _cost.Asked(1000, Fast));
        }

        Assert.False(_cost.IsCheaperToScan(100));
    }

    [Fact]
    public void One_batch_in_64_is_asked_about_as_a_whole()
        => Assert.Equal(2, Enumerable.Range(0, 128).Count(_ => _cost.BeginBatch()));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void Every_length_has_a_class(long length) => Assert.False(_cost.IsCheaperToScan(length));

    [Fact]
    public async Task What_is_cheaper_to_scan_is_not_asked_about()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        CountingEngine engine = new();
        InsightCacheClientOptions options = server.OptionsFor();
        options.ScanWhatIsCheaper = true;
        await using Machine machine = new(options, engine);
        await machine.Connection.Exemption.TellAsync(
            [.. Enumerable.Range(0, 40).Select(static i => VoteTests.ResultOf($"{i:000}", Verdict.Clean) with { Elapsed = TimeSpan.FromTicks(1) })],
            machine.Scope,
            TestContext.Current.CancellationToken);
        for (int i = 0; i < 40; i++)
        {
            await FaultTests.AskAsync(machine, $"x{i:00}");
        }

        int asked = server.Count(Protocol.Routes.Lookups);
        await FaultTests.AskAsync(machine, "abc");
        Assert.Equal((32, 32), (asked, server.Count(Protocol.Routes.Lookups)));

        await FaultTests.AskAsync(machine, new string('x', 1000));
        Assert.Equal(33, server.Count(Protocol.Routes.Lookups));
    }

    private static void Measure(Action measurement)
    {
        for (int i = 0; i < 32; i++)
        {
            measurement();
        }
    }
}
