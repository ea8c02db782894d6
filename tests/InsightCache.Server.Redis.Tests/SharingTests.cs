using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server.Tests.Store;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.InsightCache.Server.Redis.Tests;

public sealed class SharingTests
{
    [Fact]
    public async Task Two_voters_at_two_servers_make_a_content_clean_at_all_three()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        await using Node b = await Node.StartAsync(redis.Configuration);
        await using Node c = await Node.StartAsync(redis.Configuration);
        a.Learn(1);
        await Wait.UntilAsync(() => b.Has(1) && c.Has(1), "definitions are everywhere");

        Assert.Equal(1, a.Client("one").Vote(1).Pending);
        await Wait.UntilAsync(() => b.Server.Store.Pending == 1 && c.Server.Store.Pending == 1, "the first vote is everywhere");
        Assert.False(a.IsClean(1) || b.IsClean(1) || c.IsClean(1));
        Assert.Equal(1, b.Client("one").Vote(1).Duplicate);
        Assert.Equal(1, b.Client("two").Vote(1).Accepted);

        await Wait.UntilAsync(() => a.IsClean(1) && c.IsClean(1), "the content is clean everywhere");
    }

    [Fact]
    public async Task A_trusted_scanners_word_is_enough_at_every_server()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        await using Node b = await Node.StartAsync(redis.Configuration);
        a.Learn(1);

        a.Trusted().Vote([.. Enumerable.Range(0, 300)]);

        await Wait.UntilAsync(() => Enumerable.Range(0, 300).All(b.IsClean), "all are clean");
    }

    [Fact]
    public async Task Votes_of_another_tenant_stay_its_own()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        await using Node b = await Node.StartAsync(redis.Configuration);
        a.Learn(1);
        a.Server.SetDefinitions("other", Fleet.Definitions(1));
        Machine other = a.Client("scanner", ClientRoles.Ask | ClientRoles.TrustedScanner, "other");

        other.Vote(1);

        await Wait.UntilAsync(() => b.Client("asker", tenant: "other").Ask(1) == LookupAnswer.Clean, "clean for the tenant");
        Assert.False(b.IsClean(1));
    }

    [Fact]
    public async Task A_recall_at_one_server_is_one_at_all_and_so_is_its_lifting()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        await using Node b = await Node.StartAsync(redis.Configuration);
        a.Learn(1);
        a.Trusted().Vote(1);
        await Wait.UntilAsync(() => b.IsClean(1), "clean");
        long epoch = b.Server.Store.Recalls.Epoch;

        a.Server.Store.Recalls.RecallForGood("default", Fleet.Content(1), "Eicar");

        await Wait.UntilAsync(() => !b.IsClean(1), "recalled");
        Assert.True(Assert.Single(b.Server.Store.Recalls.List("default")) is { Permanent: true, Threat: "Eicar" });
        Assert.Equal([Fleet.Content(1)], b.Server.Store.Recalls.Since("default", epoch).Recalled);
        Assert.Equal(1, b.Trusted().Vote(1).Rejected);

        Assert.True(b.Server.Store.Recalls.Lift("default", Fleet.Content(1)));
        await Wait.UntilAsync(() => !a.IsRecalled(1), "lifted");
        Assert.False(a.IsClean(1));
        Assert.Equal(1, a.Trusted().Vote(1).Accepted);
        await Wait.UntilAsync(() => b.IsClean(1), "clean again");
    }

    [Fact]
    public async Task Two_reports_at_two_servers_recall_a_content_for_good()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        await using Node b = await Node.StartAsync(redis.Configuration);
        a.Learn(1);

        a.Client("one").Vote(1, VoteVerdict.Infected);
        await Wait.UntilAsync(() => b.IsRecalled(1), "suspended");
        Assert.False(Assert.Single(b.Server.Store.Recalls.List("default")).Permanent);
        b.Client("one").Vote(1, VoteVerdict.Infected);
        Assert.False(Assert.Single(b.Server.Store.Recalls.List("default")).Permanent);
        b.Client("two").Vote(1, VoteVerdict.Infected);

        await Wait.UntilAsync(() => a.Server.Store.Recalls.List("default").Single() is { Permanent: true, Reports: 2 }, "recalled for good");
    }

    [Fact]
    public async Task A_quorum_for_definitions_counts_reports_at_different_servers()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        await using Node b = await Node.StartAsync(redis.Configuration);
        await using Node c = await Node.StartAsync(redis.Configuration);

        Assert.Equal(DefinitionsReport.Noted, a.Client("one").With(7).Report());
        await Wait.UntilAsync(() => b.Server.Store.Lanes.Describe("default").Count == 0 && b.Replicator.Counters.Applied == 1, "the report is there");
        Assert.Equal(DefinitionsReport.Noted, b.Client("one").With(7).Report());
        Assert.Equal(DefinitionsReport.Current, b.Client("two").With(7).Report());

        await Wait.UntilAsync(() => a.Has(7) && c.Has(7), "learnt everywhere");
    }

    [Fact]
    public async Task Definitions_that_an_administrator_withdraws_are_withdrawn_everywhere()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        await using Node b = await Node.StartAsync(redis.Configuration);
        a.Learn(7);
        await Wait.UntilAsync(() => b.Has(7), "learnt");

        b.Learn(6);

        await Wait.UntilAsync(() => a.Has(6), "withdrawn");
    }

    [Fact]
    public async Task What_a_voter_voted_is_retracted_at_every_server()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        using TemporaryFolder folder = new();
        await using Node a = await Node.StartAsync(redis.Configuration);
        await using Node b = await Node.StartAsync(redis.Configuration, cache: options => options.DataFolder = folder.Path);
        a.Learn(1);
        a.Client("liar", ClientRoles.Ask | ClientRoles.TrustedScanner).Vote(1);
        a.Client("honest", ClientRoles.Ask | ClientRoles.TrustedScanner).Vote(2);
        await Wait.UntilAsync(() => b.IsClean(1) && b.IsClean(2), "clean");

        await a.Server.RetractAsync("default", "liar", TestContext.Current.CancellationToken);

        await Wait.UntilAsync(() => !b.IsClean(1), "retracted");
    }

    [Fact]
    public async Task A_server_that_starts_late_catches_up()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        a.Learn(1);
        a.Trusted().Vote([.. Enumerable.Range(0, 1000)]);
        a.Client("one").Vote(2000);
        a.Server.Store.Recalls.RecallForGood("default", Fleet.Content(1), null);
        await Wait.UntilAsync(() => a.Replicator.Waiting == 0, "published");

        await using Node late = await Node.StartAsync(redis.Configuration);

        await Wait.UntilAsync(() => late.IsClean(0) && late.IsClean(999), "caught up");
        Assert.True(late.IsRecalled(1) && !late.IsClean(1));
        Assert.Equal(1, late.Client("two").Vote(2000).Accepted);
    }

    [Fact]
    public async Task A_server_that_restarts_goes_on_where_it_was_and_applies_nothing_twice()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        using TemporaryFolder folder = new();
        await using Node a = await Node.StartAsync(redis.Configuration);
        a.Learn(1);
        await using (Node b = await Node.StartAsync(redis.Configuration, cache: options => options.DataFolder = folder.Path))
        {
            a.Trusted().Vote(1);
            await Wait.UntilAsync(() => b.IsClean(1), "clean");
        }

        a.Trusted().Vote(2);
        await Wait.UntilAsync(() => a.Replicator.Waiting == 0, "published");
        await using Node again = await Node.StartAsync(redis.Configuration, cache: options => options.DataFolder = folder.Path);

        await Wait.UntilAsync(() => again.IsClean(2), "caught up");
        Assert.True(again.IsClean(1));
        Assert.Equal((1, 0), (again.Replicator.Counters.Applied, again.Replicator.Counters.Refused(Refusal.Replayed)));
    }
}
