using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server.Tests.Store;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server.Redis.Tests;

public sealed class SecondLevelTests
{
    private static readonly Action<ReplicationOptions> On = static options => options.SecondLevel = true;

    [Fact]
    public async Task What_the_memory_has_lost_is_found_in_the_second_level()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using ConnectionMultiplexer raw = await redis.ConnectAsync();
        await using Node a = await Node.StartAsync(redis.Configuration, On);
        a.Learn(1);
        int[] contents = [.. Enumerable.Range(0, 300)];
        a.Trusted().Vote(contents);
        await Wait.UntilAsync(() => KeysOf(raw).Length == 300, "written");
        a.Server.Store.Table.Clear();
        Assert.DoesNotContain(contents, a.IsClean);

        await FetchAsync(a, contents);

        Assert.All(contents, content => Assert.True(a.IsClean(content)));
        Assert.Equal((300, 0), (a.Server.SecondLevel!.Hits, a.Server.SecondLevel.Misses));
    }

    [Fact]
    public async Task Values_that_are_changed_moved_or_made_up_are_unknown()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using ConnectionMultiplexer raw = await redis.ConnectAsync();
        await using Node a = await Node.StartAsync(redis.Configuration, On);
        a.Learn(1);
        a.Trusted().Vote([1, 2, 3, 4]);
        await Wait.UntilAsync(() => KeysOf(raw).Length == 4, "written");
        a.Server.Store.Table.Clear();
        RedisKey[] keys = KeysOf(raw);
        IDatabase database = raw.GetDatabase();
        byte[] changed = database.StringGet(keys[0])!;
        changed[8] ^= 1;
        RedisValue moved = database.StringGet(keys[3]);
        database.StringSet(keys[0], changed);
        database.StringSet(keys[1], moved);
        database.StringSet(keys[2], "clean");

        await FetchAsync(a, [1, 2, 3, 4]);

        Assert.Equal((1, 3), (a.Server.SecondLevel!.Hits, a.Server.SecondLevel.Refused));
        Assert.Single(new[] { 1, 2, 3, 4 }, a.IsClean);
    }

    [Fact]
    public async Task A_verdict_from_before_a_recall_does_not_come_back_when_the_recall_is_lifted()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using ConnectionMultiplexer raw = await redis.ConnectAsync();
        await using Node a = await Node.StartAsync(redis.Configuration, On);
        a.Learn(1);
        a.Trusted().Vote([1, 2]);
        await Wait.UntilAsync(() => KeysOf(raw).Length == 2, "written");
        RedisKey[] keys = KeysOf(raw);
        RedisValue[] recorded = raw.GetDatabase().StringGet(keys);

        a.Server.Store.Recalls.RecallForGood("default", Fleet.Content(1), null);
        await Wait.UntilAsync(() => KeysOf(raw).Length == 1, "removed");
        raw.GetDatabase().StringSet([.. keys.Zip(recorded, static (key, value) => KeyValuePair.Create(key, value))]);
        await FetchAsync(a, [1]);
        Assert.False(a.IsClean(1));
        a.Server.Store.Recalls.Lift("default", Fleet.Content(1));
        await FetchAsync(a, [1]);

        Assert.False(a.IsClean(1));
        Assert.Equal(1, a.Server.SecondLevel!.Refused);
    }

    [Fact]
    public async Task A_verdict_from_before_a_retraction_does_not_come_back()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using ConnectionMultiplexer raw = await redis.ConnectAsync();
        await using Node a = await Node.StartAsync(redis.Configuration, On);
        a.Learn(1);
        a.Client("liar", ClientRoles.Ask | ClientRoles.TrustedScanner).Vote(1);
        await Wait.UntilAsync(() => KeysOf(raw).Length == 1, "written");

        await a.Server.RetractAsync("default", "liar", TestContext.Current.CancellationToken);
        a.Server.Store.Table.Clear();
        await FetchAsync(a, [1]);

        Assert.False(a.IsClean(1));
        Assert.Equal(1, a.Server.SecondLevel!.Refused);
    }

    /// <summary>A server that has not heard of a retraction yet reaches verdicts with votes that are retracted. Nobody can tell them from others of the same minutes.</summary>
    [Fact]
    public async Task A_verdict_from_just_after_a_retraction_does_not_come_back()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using ConnectionMultiplexer raw = await redis.ConnectAsync();
        await using Node a = await Node.StartAsync(redis.Configuration, On);
        a.Learn(1);
        a.Client("liar").Vote(1);
        await a.Server.RetractAsync("default", "liar", TestContext.Current.CancellationToken);
        a.Trusted().Vote(1);
        await Wait.UntilAsync(() => KeysOf(raw).Length == 1, "written");
        a.Server.Store.Table.Clear();

        await FetchAsync(a, [1]);

        Assert.False(a.IsClean(1));
        Assert.Equal(1, a.Server.SecondLevel!.Refused);
    }

    [Fact]
    public async Task A_server_that_starts_after_a_retraction_takes_nothing_that_rests_on_it()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using ConnectionMultiplexer raw = await redis.ConnectAsync();
        await using Node a = await Node.StartAsync(redis.Configuration, On);
        a.Learn(1);
        a.Client("liar", ClientRoles.Ask | ClientRoles.TrustedScanner).Vote(1);
        await Wait.UntilAsync(() => KeysOf(raw).Length == 1, "written");
        await a.Server.RetractAsync("default", "liar", TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => a.Replicator.Waiting == 0, "published");

        await using Node late = await Node.StartAsync(redis.Configuration, On);
        await Wait.UntilAsync(() => late.Has(1), "the definitions are known");
        await FetchAsync(late, [1]);

        Assert.False(late.IsClean(1));
        Assert.Equal(1, late.Server.SecondLevel!.Refused);
    }

    /// <summary>What it reaches with votes of others while it catches up may rest on some that were retracted since.</summary>
    [Fact]
    public async Task A_server_that_catches_up_shares_none_of_the_verdicts_that_it_reaches_meanwhile()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using ConnectionMultiplexer raw = await redis.ConnectAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        a.Learn(1);
        a.Trusted().Vote([.. Enumerable.Range(0, 100)]);
        await Wait.UntilAsync(() => a.Replicator.Waiting == 0, "published");

        await using Node late = await Node.StartAsync(redis.Configuration, On);
        await Wait.UntilAsync(() => late.IsClean(99), "caught up");
        late.Trusted().Vote(100);

        await Wait.UntilAsync(() => KeysOf(raw).Length > 0, "written");
        Assert.Single(KeysOf(raw));
    }

    [Fact]
    public async Task A_Redis_that_never_answers_costs_the_budget_and_then_nothing()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        await using RedisServer redis = await RedisServer.StartAsync();
        await using RedisConnection connection = new(Microsoft.Extensions.Options.Options.Create(
            new InsightCacheRedisOptions { Configuration = $"127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port},connectTimeout=1000" }));
        await using Node a = await Node.StartAsync(redis.Configuration);
        a.Learn(1);
        SecondLevel level = new(
            a.Server,
            a.Replicator,
            new RedisVerdicts(connection),
            new ReplicationOptions { Secret = Node.Secret, SecondLevelBudget = TimeSpan.FromMilliseconds(5) },
            a.Logger);

        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < 5; i++)
        {
            Assert.False(level.IsAway);
            await FetchAsync(a, [1, 2], level);
        }

        // Five budgets, and generously for a machine that others use; without the budget it would be the client's own five seconds each.
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(25), TimeSpan.FromSeconds(4));
        Assert.True(level.IsAway);
        Assert.Equal(10, level.Failures);
        await FetchAsync(a, [1, 2], level);
        Assert.Equal(10, level.Failures);
        Assert.False(a.IsClean(1));
        Assert.Single(a.Logger.Collector.GetSnapshot(), static record => record.Id.Name == "SecondLevelIsAway");
    }

    internal static RedisKey[] KeysOf(ConnectionMultiplexer raw)
        => [.. raw.GetServers().Where(static server => server.IsConnected).SelectMany(static server => server.Keys(pattern: "ic:{???}:*"))];

    internal static Task FetchAsync(Node node, int[] contents, SecondLevel? level = null)
    {
        byte[] keys = new byte[contents.Length * ContentHash.Size];
        for (int i = 0; i < contents.Length; i++)
        {
            Fleet.Content(contents[i]).CopyTo(keys.AsSpan(i * ContentHash.Size));
        }

        FrameHeader header = new(FrameKind.Lookup, WantsLeases: false, contents.Length, LaneId.Of(Fleet.Engine, ""), DefinitionsStamp.Of(1, Fleet.Definitions(1).Digest));
        return (level ?? node.Server.SecondLevel!).FetchAsync(node.Client("asker").Identity, header, keys, TestContext.Current.CancellationToken);
    }
}
