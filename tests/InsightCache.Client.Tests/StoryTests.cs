using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>The story that the original product's documentation tells, over real sockets.</summary>
public class StoryTests
{
    private const ClientRoles Voter = ClientRoles.Ask | ClientRoles.Vote;
    private const ClientRoles Trusted = ClientRoles.Ask | ClientRoles.TrustedScanner;

    private readonly CountingEngine _engine = new();

    [Fact]
    public async Task A_trusted_scanner_scans_and_votes_and_the_second_client_skips()
    {
        await using LiveServer server = await StartAsync(("scanner", Trusted), ("second", Voter));
        await using Machine scanner = new(server.OptionsFor("scanner"), _engine);
        await using Machine second = new(server.OptionsFor("second"), _engine);

        MemoryReport first = await scanner.ScanAsync("a", "b", "c");
        MemoryReport then = await second.ScanAsync("a", "b", "d");

        Assert.Equal((3, 0), (first.Scanned, first.Skipped));
        Assert.Equal((1, 2), (then.Scanned, then.Skipped));
        Assert.Equal(["a", "b", "c", "d"], _engine.Scanned.Order());
        Assert.Equal(("insight cache", "voted clean under definitions 1"), (then["a"].By, then["a"].Why));
    }

    [Fact]
    public async Task Two_ordinary_voters_scan_and_the_third_client_skips()
    {
        await using LiveServer server = await StartAsync(("one", Voter), ("two", Voter), ("three", Voter));
        await using Machine one = new(server.OptionsFor("one"), _engine);
        await using Machine two = new(server.OptionsFor("two"), _engine);
        await using Machine three = new(server.OptionsFor("three"), _engine);

        Assert.Equal(2, (await one.ScanAsync("a", "b")).Scanned);
        Assert.Equal(2, (await two.ScanAsync("a", "b")).Scanned);
        Assert.Equal(2, (await three.ScanAsync("a", "b")).Skipped);

        Assert.Equal(4, _engine.Scanned.Count);
    }

    [Fact]
    public async Task New_definitions_have_everything_scanned_again_and_the_same_ones_nothing()
    {
        await using LiveServer server = await StartAsync(("scanner", Trusted));
        await using Machine scanner = new(server.OptionsFor("scanner"), _engine);
        await scanner.ScanAsync("a", "b");

        Assert.Equal(2, (await scanner.ScanAsync("a", "b")).Skipped);
        await server.WithAsync(_engine.With(2));
        Assert.Equal(2, (await scanner.ScanAsync("a", "b")).Scanned);
        Assert.Equal(2, (await scanner.ScanAsync("a", "b")).Skipped);
    }

    [Fact]
    public async Task Definitions_that_the_server_does_not_know_are_reported_and_nothing_is_skipped_until_enough_have_reported_them()
    {
        await using LiveServer server = await LiveServer.StartAsync([("one", Voter), ("two", Trusted), ("three", Voter)]);
        await using Machine one = new(server.OptionsFor("one"), _engine);
        await using Machine two = new(server.OptionsFor("two"), _engine);
        await using Machine three = new(server.OptionsFor("three"), _engine);

        Assert.Equal(1, (await one.ScanAsync("a")).Scanned);
        Assert.Equal(1, (await one.ScanAsync("a")).Scanned);
        Assert.Equal(1, server.Count(Routes.Definitions));

        Assert.Equal(1, (await two.ScanAsync("a")).Scanned); // The second report makes them current, and then its vote counts.
        Assert.Equal(1, (await three.ScanAsync("a")).Skipped);
    }

    [Fact]
    public async Task Auto_protect_never_asks()
    {
        await using LiveServer server = await StartAsync(("scanner", Trusted));
        await using Machine scanner = new(server.OptionsFor("scanner"), _engine);
        await scanner.ScanAsync("a");
        int asked = server.Requests.Count;
        await using Machine onAccess = new(server.OptionsFor("scanner"), _engine) { Trigger = ScanTrigger.AutoProtect };

        Assert.Equal(1, (await onAccess.ScanAsync("a")).Scanned);

        Assert.Equal(asked, server.Requests.Count);
    }

    [Theory]
    [InlineData(ScanTrigger.Manual)]
    [InlineData(ScanTrigger.Scheduled)]
    [InlineData(ScanTrigger.AdministratorDefined)]
    public async Task Every_on_demand_scan_asks_and_none_unless_policy_turns_it_on(ScanTrigger trigger)
    {
        await using LiveServer server = await StartAsync(("scanner", Trusted));
        await using Machine off = new(server.OptionsFor("scanner"), _engine) { Trigger = trigger, IsEnabled = false };
        await using Machine on = new(server.OptionsFor("scanner"), _engine) { Trigger = trigger };
        int before = server.Requests.Count;

        await off.ScanAsync("a");
        Assert.Equal(before, server.Requests.Count);

        await on.ScanAsync("a");
        Assert.Equal(1, (await on.ScanAsync("a")).Skipped);
    }

    [Fact]
    public void No_policy_turns_it_on_by_itself()
    {
        using InsightCacheConnection connection = new(new InsightCacheClientOptions { Address = new Uri("http://127.0.0.1:9") });

        Assert.All(Enum.GetValues<ScanTrigger>(), trigger => Assert.False(connection.Exemption.Serves(new ScanPolicy(), trigger)));
        Assert.Null(InsightCacheConnection.Open(new ScanPolicy()));
    }

    private async Task<LiveServer> StartAsync(params (string Name, ClientRoles Roles)[] clients)
        => await (await LiveServer.StartAsync(clients)).WithAsync(_engine);
}
