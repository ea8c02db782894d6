using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>What this process remembers by itself, and when it must not.</summary>
public class RecallTests
{
    private readonly CountingEngine _engine = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_clean_a_moment_ago_is_not_asked_again()
    {
        await using LiveServer server = await StartAsync();
        await using Machine machine = new(server.OptionsFor("scanner"), _engine, _time);
        await FillAsync(machine, "a", "b");
        int asked = server.Count(Routes.Lookups);

        Assert.All(await FaultTests.AskAsync(machine, "a", "b"), static answer => Assert.Equal(ExemptionKind.Skip, answer.Kind));

        Assert.Equal(asked, server.Count(Routes.Lookups));
    }

    [Fact]
    public async Task After_a_minute_without_news_of_recalls_it_is()
    {
        await using LiveServer server = await StartAsync();
        await using Machine machine = new(server.OptionsFor("scanner"), _engine, _time);
        await FillAsync(machine, "a");
        int asked = server.Count(Routes.Lookups);
        _time.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(ExemptionKind.Skip, Assert.Single(await FaultTests.AskAsync(machine, "a")).Kind);

        Assert.Equal(asked + 1, server.Count(Routes.Lookups));
    }

    [Fact]
    public async Task A_recalled_content_is_forgotten_with_the_next_answer_and_the_others_are_not()
    {
        await using LiveServer server = await StartAsync();
        await using Machine machine = new(server.OptionsFor("scanner"), _engine, _time);
        await FillAsync(machine, "a", "b");
        await using InsightCacheConnection administrator = server.Administrator();
        await administrator.Api.RecallAsync(new RecallRequest(Words.HashOf("a"), "Test.Virus"), Token);

        await FaultTests.AskAsync(machine, "news");
        int asked = server.Count(Routes.Lookups);

        Assert.Equal([ExemptionKind.Skip], Kinds(await FaultTests.AskAsync(machine, "b")));
        Assert.Equal(asked, server.Count(Routes.Lookups));
        Assert.Equal([ExemptionKind.Scan], Kinds(await FaultTests.AskAsync(machine, "a")));
        Assert.Equal(1, server.Count(Routes.Recalls) - 1);
    }

    [Fact]
    public async Task A_recalled_content_that_is_scanned_clean_here_is_scanned_here_again()
    {
        await using LiveServer server = await StartAsync();
        await using Machine machine = new(server.OptionsFor("scanner"), _engine);
        await using InsightCacheConnection administrator = server.Administrator();
        await administrator.Api.RecallAsync(new RecallRequest(Words.HashOf("a")), Token);

        Assert.Equal(1, (await machine.ScanAsync("a")).Scanned);
        Assert.Equal(1, (await machine.ScanAsync("a")).Scanned);
    }

    [Fact]
    public async Task Where_not_all_recalls_are_known_everything_is_forgotten()
    {
        await using LiveServer server = await StartAsync();
        await using Machine machine = new(server.OptionsFor("scanner"), _engine, _time);
        await FillAsync(machine, "a", "b");
        await using InsightCacheConnection administrator = server.Administrator();
        await administrator.Api.RetractVotesAsync("scanner", Token);

        await FaultTests.AskAsync(machine, "news");

        Assert.Equal([ExemptionKind.Scan, ExemptionKind.Scan], Kinds(await FaultTests.AskAsync(machine, "a", "b")));
    }

    [Fact]
    public async Task While_recalls_cannot_be_fetched_nothing_is_remembered()
    {
        bool fails = false;
        await using LiveServer server = await StartAsync();
        server.Before = context =>
        {
            bool refuses = fails && context.Request.Path == Routes.Recalls;
            context.Response.StatusCode = refuses ? 403 : 200;
            return Task.FromResult(refuses);
        };
        await using Machine machine = new(server.OptionsFor("scanner"), _engine, _time);
        await FillAsync(machine, "a", "b");
        await using InsightCacheConnection administrator = server.Administrator();
        await administrator.Api.RecallAsync(new RecallRequest(Words.HashOf("a")), Token);
        fails = true;
        await FaultTests.AskAsync(machine, "news");
        int asked = server.Count(Routes.Lookups);

        Assert.Equal([ExemptionKind.Skip], Kinds(await FaultTests.AskAsync(machine, "b")));
        Assert.Equal([ExemptionKind.Skip], Kinds(await FaultTests.AskAsync(machine, "b")));
        Assert.Equal(asked + 2, server.Count(Routes.Lookups));

        fails = false;
        await FaultTests.AskAsync(machine, "b");
        await FaultTests.AskAsync(machine, "b");
        Assert.Equal(asked + 3, server.Count(Routes.Lookups));
    }

    [Fact]
    public async Task A_server_that_has_lost_its_recalls_is_noticed_by_votes_as_well()
    {
        await using LiveServer server = await StartAsync();
        await using Machine machine = new(server.OptionsFor("scanner"), _engine, _time);
        await using InsightCacheConnection administrator = server.Administrator();
        await administrator.Api.RecallAsync(new RecallRequest(Words.HashOf("z")), Token);
        await FillAsync(machine, "a");
        server.Before = static async context =>
        {
            if (context.Request.Path != Routes.Votes)
            {
                return false;
            }

            byte[] answer = new byte[VoteAnswerFrame.Size];
            new VoteAnswerFrame(DefinitionsStanding.Current, 1, 0, 0, 0, 0, 0, 0).Write(answer);
            context.Response.ContentType = Routes.FrameMediaType;
            await context.Response.Body.WriteAsync(answer);
            return true;
        };
        await machine.ScanAsync("b");
        int asked = server.Count(Routes.Lookups);

        await FaultTests.AskAsync(machine, "a");

        Assert.Equal(asked + 1, server.Count(Routes.Lookups));
    }

    [Fact]
    public void Nothing_is_remembered_for_other_definitions_or_another_profile()
    {
        RememberedVerdicts remembered = new(100, TimeSpan.FromDays(1), TimeSpan.FromMinutes(1), _time);
        ScopeName scope = ScopeName.Of(new VerdictScope("e", ScanProfile.None, CountingEngine.Numbered(1)));
        remembered.Observe(3);
        remembered.Add([Words.HashOf("a")], scope, 3);

        Assert.True(remembered.IsClean(Words.HashOf("a"), scope));
        Assert.False(remembered.IsClean(Words.HashOf("b"), scope));
        Assert.False(remembered.IsClean(Words.HashOf("a"), ScopeName.Of(new VerdictScope("e", ScanProfile.None, CountingEngine.Numbered(2)))));
        Assert.False(remembered.IsClean(Words.HashOf("a"), ScopeName.Of(new VerdictScope("e", new ScanProfile("p"), CountingEngine.Numbered(1)))));
        Assert.False(remembered.IsClean(Words.HashOf("a"), ScopeName.Of(new VerdictScope("f", ScanProfile.None, CountingEngine.Numbered(1)))));
    }

    [Fact]
    public void An_answer_that_a_recall_overtook_is_not_remembered()
    {
        RememberedVerdicts remembered = new(100, TimeSpan.FromDays(1), TimeSpan.FromMinutes(1), _time);
        ScopeName scope = ScopeName.Of(new VerdictScope("e", ScanProfile.None, CountingEngine.Numbered(1)));
        Assert.Null(remembered.Observe(3));
        Assert.Equal(3, remembered.Observe(4));
        remembered.Apply(3, new RecallChanges { Epoch = 4, Complete = true, Recalled = [Words.HashOf("a")] });

        remembered.Add([Words.HashOf("a")], scope, 3);

        Assert.False(remembered.IsClean(Words.HashOf("a"), scope));
    }

    [Fact]
    public void A_verdict_is_not_remembered_longer_than_it_may()
    {
        RememberedVerdicts remembered = new(100, TimeSpan.FromHours(1), TimeSpan.FromMinutes(1), _time);
        ScopeName scope = ScopeName.Of(new VerdictScope("e", ScanProfile.None, CountingEngine.Numbered(1)));
        remembered.Observe(3);
        remembered.Add([Words.HashOf("a")], scope, 3);
        _time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        remembered.Observe(3);

        Assert.False(remembered.IsClean(Words.HashOf("a"), scope));
    }

    private static IEnumerable<ExemptionKind> Kinds(IEnumerable<ExemptionAnswer> answers) => answers.Select(static answer => answer.Kind);

    private static async Task FillAsync(Machine machine, params string[] texts)
    {
        await machine.Connection.Client.VoteAsync(machine.Scope, texts.Select(static text => new Vote(Words.HashOf(text), VoteVerdict.Clean)).ToArray(), Token);
        Assert.All(await FaultTests.AskAsync(machine, texts), static answer => Assert.Equal(ExemptionKind.Skip, answer.Kind));
    }

    private async Task<LiveServer> StartAsync()
        => await (await LiveServer.StartAsync([("scanner", ClientRoles.Ask | ClientRoles.TrustedScanner)])).WithAsync(_engine);
}
