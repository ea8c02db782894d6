using System.Net;
using Refit;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>The readable contract, and batches beyond one frame.</summary>
public class ApiTests
{
    private static readonly ContentHash A = Words.HashOf("a");

    private readonly CountingEngine _engine = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private VerdictScope Scope => new(_engine.Name, _engine.Profile, _engine.Definitions);

    [Fact]
    public async Task People_and_tools_have_the_whole_contract_in_JSON()
    {
        using TemporaryFolder folder = new();
        await using LiveServer server = await StartAsync(options => options.DataFolder = folder["data"]);
        await using InsightCacheConnection scanner = new(server.OptionsFor("scanner"));
        await using InsightCacheConnection administrator = server.Administrator();
        ScopeDocument scope = ScopeDocument.Of(Scope);

        Assert.Equal(DefinitionsReport.Current, (await scanner.Api.ReportDefinitionsAsync(DefinitionsDocument.Of(Scope), Token)).Report);
        Assert.Equal(1, Assert.Single(Assert.Single(await scanner.Api.GetDefinitionsAsync(Token)).Generations).Sequence);
        VoteResponse vote = await scanner.Api.VoteAsync(new VoteRequest { Scope = scope, Votes = [new VoteDocument { Hash = A, Verdict = VoteVerdict.Clean }] }, Token);
        Assert.Equal(1, vote.Accepted);
        Assert.Equal([LookupAnswer.Clean], (await scanner.Api.LookupAsync(new LookupRequest { Scope = scope, Hashes = [A] }, Token)).Answers);
        Assert.Equal(1, Assert.Single((await scanner.Api.GetFileAsync(A, Token)).Clean).Sequence);

        RecallDocument recall = await administrator.Api.RecallAsync(new RecallRequest(A, "Test.Virus"), Token);
        Assert.Equal((true, "Test.Virus"), (recall.Permanent, recall.Threat));
        Assert.Equal(A, Assert.Single(await scanner.Api.GetRecallsAsync(Token)).Hash);
        Assert.Equal([A], (await scanner.Api.GetRecallsSinceAsync(recall.Epoch - 1, Token)).Recalled);
        Assert.Equal("scanner", Assert.Single((await administrator.Api.GetRecallAsync(A, Token)).Voters).Client);
        await administrator.Api.LiftRecallAsync(A, Token);
        Assert.Empty(await scanner.Api.GetRecallsAsync(Token));

        Assert.Equal("scanner", (await administrator.Api.RetractVotesAsync("scanner", Token)).Client);
        await administrator.Api.WriteSnapshotAsync(Token);
        Assert.NotNull((await administrator.Api.GetStatusAsync(Token)).LastSnapshot);
    }

    [Fact]
    public async Task A_refusal_is_thrown_with_its_problem()
    {
        await using LiveServer server = await StartAsync();
        await using InsightCacheConnection scanner = new(server.OptionsFor("scanner"));

        ApiException e = await Assert.ThrowsAnyAsync<ApiException>(() => scanner.Api.RetractVotesAsync("somebody", Token));

        Assert.Equal(HttpStatusCode.Forbidden, e.StatusCode);
        Assert.Contains("Administer", e.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_contents_than_a_frame_takes_are_asked_and_told_in_several()
    {
        await using LiveServer server = await StartAsync();
        await using InsightCacheConnection scanner = new(server.OptionsFor("scanner"));
        ContentHash[] hashes = [.. Enumerable.Range(0, 10_000).Select(static i => Words.HashOf($"{i}"))];
        Vote[] votes = [.. hashes.Where(static (_, i) => i % 3 == 0).Select(static hash => new Vote(hash, VoteVerdict.Clean))];

        VoteAnswerFrame told = await scanner.Client.VoteAsync(Scope, votes.Concat(votes).ToArray(), Token);
        LookupAnswers answers = await scanner.Client.LookupAsync(Scope, hashes, wantsLeases: false, Token);

        Assert.Equal(2 * votes.Length, told.Accepted);
        Assert.Equal((10_000, DefinitionsStanding.Current), (answers.Count, answers.Standing));
        Assert.All(Enumerable.Range(0, 10_000), i => Assert.Equal(i % 3 == 0 ? LookupAnswer.Clean : LookupAnswer.Scan, answers[i]));
        Assert.Equal((2, 3), (server.Count(Routes.Votes), server.Count(Routes.Lookups)));
    }

    [Fact]
    public async Task A_path_in_the_address_stands_in_front_of_every_route()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using InsightCacheConnection client = new(new InsightCacheClientOptions { Address = new Uri(server.Address, "/some/where") });

        await Assert.ThrowsAsync<InsightCacheException>(() => client.Client.LookupAsync(Scope, new[] { A }, wantsLeases: false, Token));
        await Assert.ThrowsAnyAsync<ApiException>(() => client.Api.GetFileAsync(A, Token));

        Assert.Equal([("POST", "/some/where/v1/lookups"), ("GET", $"/some/where/v1/files/{A}")], server.Requests);
    }

    private async Task<LiveServer> StartAsync(Action<InsightCacheServerOptions>? configure = null)
        => await (await LiveServer.StartAsync([("scanner", ClientRoles.Ask | ClientRoles.TrustedScanner)], configure)).WithAsync(_engine);
}
