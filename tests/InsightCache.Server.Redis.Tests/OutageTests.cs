using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server.Tests.Store;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.InsightCache.Server.Redis.Tests;

public sealed class OutageTests
{
    [Fact]
    public async Task While_Redis_is_away_votes_count_here_and_when_it_is_back_everywhere()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node a = await Node.StartAsync(redis.Configuration, static options => options.MaxLag = TimeSpan.FromHours(1));
        await using Node b = await Node.StartAsync(redis.Configuration, static options => options.MaxLag = TimeSpan.FromHours(1));
        a.Learn(1);
        a.Trusted().Vote(0);
        await Wait.UntilAsync(() => b.IsClean(0), "shared");

        redis.Kill();

        a.Client("one").Vote(1);
        Assert.Equal(1, a.Client("two").Vote(1).Accepted);
        b.Client("three").Vote(2);
        Assert.True(a.IsClean(0) && a.IsClean(1) && b.IsClean(0));
        Assert.False(b.IsClean(1));
        await Wait.UntilAsync(() => a.Replicator.Lag > TimeSpan.FromSeconds(1) && a.Server.Describe().ReplicationLagSeconds > 1, "the lag shows");
        await Wait.UntilAsync(() => a.Logger.Collector.GetSnapshot().Any(static record => record.Id.Name == "SharedLogIsAway"), "it is told");

        await redis.StartAgainAsync();

        await Wait.UntilAsync(() => b.IsClean(1), "what was voted meanwhile is everywhere");
        a.Client("four").Vote(2);
        await Wait.UntilAsync(() => a.IsClean(2) && b.IsClean(2), "votes meet that were given apart");
    }

    [Fact]
    public async Task Beyond_the_limit_nothing_new_becomes_clean_until_recalls_are_known()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node a = await Node.StartAsync(redis.Configuration, static options => options.MaxLag = TimeSpan.FromSeconds(1));
        await using Node b = await Node.StartAsync(redis.Configuration, static options => options.MaxLag = TimeSpan.FromSeconds(1));
        a.Learn(1);
        a.Trusted().Vote(0);
        await Wait.UntilAsync(() => b.IsClean(0), "shared");

        redis.Kill();
        await Wait.UntilAsync(() => a.Replicator.IsHolding && b.Replicator.IsHolding, "too far behind");
        a.Server.Store.Recalls.RecallForGood("default", Fleet.Content(1), "Eicar");
        VoteAnswerFrame answer = b.Trusted().Vote([1, 2]);

        Assert.Equal((0, 2), (answer.Accepted, answer.Pending));
        Assert.Equal(2, b.Replicator.Held);
        Assert.False(b.IsClean(1) || b.IsClean(2));
        Assert.True(b.IsClean(0));

        await redis.StartAgainAsync();

        // At no moment, not even before b has heard of the recall, is the recalled content clean.
        await Wait.UntilAsync(
            () =>
            {
                Assert.False(b.IsClean(1) || a.IsClean(1));
                return b.IsClean(2) && a.IsClean(2);
            },
            "what was held counts");
        Assert.True(b.IsRecalled(1));
        Assert.Equal(0, b.Replicator.Held);
    }

    [Fact]
    public async Task A_server_that_has_never_reached_Redis_makes_nothing_clean()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        redis.Kill();
        await using Node a = new(redis.Configuration);
        a.Learn(1);

        Assert.Equal(1, a.Trusted().Vote(1).Pending);

        Assert.False(a.IsClean(1));
        await redis.StartAgainAsync();
        await Wait.UntilAsync(() => a.IsClean(1), "it counts");
    }

    [Fact]
    public async Task Recalls_and_definitions_survive_a_Redis_that_forgets_all_as_long_as_one_server_knows_them()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        a.Learn(1);
        a.Server.Store.Recalls.RecallForGood("default", Fleet.Content(1), null);
        await Wait.UntilAsync(() => a.Replicator.Waiting == 0, "published");

        redis.Kill();
        await redis.StartAgainAsync();
        await Wait.UntilAsync(() => a.Logger.Collector.GetSnapshot().Any(static record => record.Id.Name is "SharedLogIsAway" or "SharedLogWasLost"), "it is noticed");
        await using Node late = await Node.StartAsync(redis.Configuration);

        await Wait.UntilAsync(() => late.IsRecalled(1) && late.Has(1), "put back and learnt");
    }

    [Fact]
    public async Task A_server_that_missed_entries_which_were_cut_off_says_so_and_still_learns_of_recalls()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using var raw = await redis.ConnectAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        await using Node b = await Node.StartAsync(redis.Configuration);
        a.Learn(1);
        a.Trusted().Vote(1);
        await Wait.UntilAsync(() => b.IsClean(1), "shared");

        // Somebody takes each entry away as soon as it is written, until one is gone that b has not read.
        await Wait.UntilAsync(
            () =>
            {
                a.Server.Store.Recalls.RecallForGood("default", Fleet.Content(1), null);
                raw.GetDatabase().StreamTrim("ic:{test}:log", 0, useApproximateMaxLength: false);
                return b.Logger.Collector.GetSnapshot().Any(static record => record.Id.Name == "EntriesAreMissing");
            },
            "b says that entries are missing");

        await Wait.UntilAsync(() => b.IsRecalled(1) && !b.IsClean(1), "the recall is known all the same");
    }
}
