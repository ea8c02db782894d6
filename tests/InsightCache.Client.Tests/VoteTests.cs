using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>What is voted, and how votes travel.</summary>
public sealed class VoteTests : IDisposable
{
    private readonly CountingEngine _engine = new();
    private readonly Meters _meters = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task Only_a_complete_scan_that_found_nothing_is_voted_clean()
    {
        await using LiveServer server = await StartAsync();
        await using Machine scanner = new(server.OptionsFor("scanner"), _engine);
        await using Machine reader = new(server.OptionsFor("reader"), _engine);
        await scanner.ScanAsync("a", "a virus", "locked");

        LookupAnswers answers = await reader.Connection.Client.LookupAsync(
            reader.Scope, new[] { Words.HashOf("a"), Words.HashOf("a virus"), Words.HashOf("locked") }, wantsLeases: false, Token);

        Assert.Equal([LookupAnswer.Clean, LookupAnswer.Scan, LookupAnswer.Scan], Enumerable.Range(0, 3).Select(i => answers[i]));
        FileDocument infected = await reader.Connection.Api.GetFileAsync(Words.HashOf("a virus"), Token);
        Assert.NotNull(infected.Recall);
        Assert.Empty(infected.Clean);
    }

    [Fact]
    public async Task A_verdict_of_other_definitions_is_voted_under_them_and_its_lease_is_given_back()
    {
        await using LiveServer server = await StartAsync();
        CountingEngine changing = new();
        await using Machine scanner = new(server.OptionsFor("scanner"), changing);
        await using InsightCacheConnection administrator = server.Administrator();
        changing.OnScan = (_, _) => changing.With(2);
        await scanner.ScanAsync("first", "second"); // One of them was scanned with 2, or both.
        await administrator.Api.SetDefinitionsAsync(DefinitionsDocument.Of(scanner.Scope), Token);

        await scanner.ScanAsync("first", "second");

        FileDocument second = await administrator.Api.GetFileAsync(Words.HashOf("second"), Token);
        Assert.Contains(second.Clean, static lane => lane.Sequence == 2);
        StatusDocument status = await administrator.Api.GetStatusAsync(Token);
        Assert.Equal(0, status.ItemsPending);
    }

    [Fact]
    public async Task Contents_that_changed_while_they_were_scanned_are_not_voted_for_and_their_leases_are_given_back()
    {
        await using LiveServer server = await StartAsync();
        await using Machine scanner = new(server.OptionsFor("scanner"), _engine);
        InsightCacheExemption exemption = scanner.Connection.Exemption;
        VerdictScope session = scanner.Scope;
        await exemption.AskAsync([QuestionOf("a")], session, Token);
        Assert.Equal(1, await PendingAsync(server));

        await exemption.TellAsync([ResultOf("a", Verdict.Clean) with { Hash = null }], session, Token);
        await exemption.EndAsync(session, Token);

        Assert.Equal(0, await PendingAsync(server));
        Assert.Empty((await scanner.Connection.Api.GetFileAsync(Words.HashOf("a"), Token)).Clean);
    }

    [Fact]
    public async Task A_session_that_ends_gives_back_only_what_no_other_session_scans()
    {
        await using LiveServer server = await StartAsync();
        await using Machine scanner = new(server.OptionsFor("scanner"), _engine);
        InsightCacheExemption exemption = scanner.Connection.Exemption;
        (VerdictScope first, VerdictScope second) = (scanner.Scope, scanner.Scope);
        Assert.Equal(first, second);
        await exemption.AskAsync([QuestionOf("a"), QuestionOf("b")], first, Token);
        await exemption.AskAsync([QuestionOf("c")], second, Token);
        Assert.Equal(3, await PendingAsync(server));

        await exemption.EndAsync(first, Token);

        Assert.Equal(1, await PendingAsync(server));
        Assert.Equal(ExemptionKind.Defer, Assert.Single(await exemption.AskAsync([QuestionOf("c")], first, Token)).Kind);
        await exemption.EndAsync(second, Token);
        Assert.Equal(0, await PendingAsync(server));
    }

    [Fact]
    public async Task A_scan_that_is_ended_gives_its_leases_back()
    {
        await using LiveServer server = await StartAsync();
        await using Machine scanner = new(server.OptionsFor("scanner"), _engine);
        using CancellationTokenSource ending = new();
        _engine.OnScan = (_, token) =>
        {
            ending.Cancel();
            token.WaitHandle.WaitOne();
            token.ThrowIfCancellationRequested();
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scanner.ScanAsync(Words.Numbered(300), ending.Token));

        Assert.Equal(0, await PendingAsync(server));
        Assert.True((await scanner.Connection.Api.GetStatusAsync(Token)).Leases > 0);
    }

    [Fact]
    public async Task A_copy_of_a_content_that_is_being_scanned_here_waits_for_it_and_is_not_scanned()
    {
        await using LiveServer server = await StartAsync();
        await using Machine scanner = new(server.OptionsFor("scanner"), _engine);

        MemoryReport report = await scanner.ScanAsync(Enumerable.Repeat("a", 50));

        Assert.Equal((1, 49), (report.Scanned, report.Skipped));
    }

    [Fact]
    public async Task Votes_wait_for_others_and_then_go_together()
    {
        await using LiveServer server = await StartAsync();
        await using Machine scanner = new(new InsightCacheConnection(server.OptionsFor("scanner"), _time, meters: _meters), _engine);
        using MetricCollector<long> votes = new(_meters, ClientMetrics.MeterName, "insightcache.client.votes");
        await scanner.Connection.Exemption.TellAsync([.. Enumerable.Range(0, 10).Select(static i => ResultOf($"{i}", Verdict.Clean))], scanner.Scope, Token);
        Assert.Equal(0, server.Count(Routes.Votes));

        await AdvanceUntilAsync(() => votes.GetMeasurementSnapshot().Count > 0);

        Assert.Equal(1, server.Count(Routes.Votes));
        Assert.Equal((10, "accepted"), (votes.LastMeasurement!.Value, votes.LastMeasurement.Tags["result"]));
    }

    [Fact]
    public async Task Enough_votes_do_not_wait()
    {
        await using LiveServer server = await StartAsync();
        InsightCacheClientOptions options = server.OptionsFor("scanner");
        options.VoteBatch = 10;
        await using Machine scanner = new(new InsightCacheConnection(options, _time, meters: _meters), _engine);
        using MetricCollector<long> votes = new(_meters, ClientMetrics.MeterName, "insightcache.client.votes");

        await scanner.Connection.Exemption.TellAsync([.. Enumerable.Range(0, 10).Select(static i => ResultOf($"{i}", Verdict.Clean))], scanner.Scope, Token);

        await votes.WaitForMeasurementsAsync(1, TimeSpan.FromMinutes(1));
        Assert.Equal(10, votes.LastMeasurement!.Value);
    }

    [Fact]
    public async Task A_busy_server_gets_the_votes_after_the_time_that_it_asked_for()
    {
        int refusals = 0;
        await using LiveServer server = await StartAsync();
        server.Before = context =>
        {
            bool refuses = context.Request.Path == Routes.Votes && ++refusals <= 2;
            context.Response.StatusCode = refuses ? StatusCodes.Status429TooManyRequests : StatusCodes.Status200OK;
            context.Response.Headers.RetryAfter = "5";
            return Task.FromResult(refuses);
        };
        await using Machine scanner = new(new InsightCacheConnection(server.OptionsFor("scanner"), _time, meters: _meters), _engine);
        using MetricCollector<long> votes = new(_meters, ClientMetrics.MeterName, "insightcache.client.votes");
        DateTimeOffset start = _time.GetUtcNow();
        await scanner.Connection.Exemption.TellAsync([ResultOf("a", Verdict.Clean)], scanner.Scope, Token);

        await AdvanceUntilAsync(() => votes.GetMeasurementSnapshot().Count > 0);

        Assert.Equal(3, server.Count(Routes.Votes));
        Assert.Equal((1, "accepted"), (votes.LastMeasurement!.Value, votes.LastMeasurement.Tags["result"]));
        Assert.True(_time.GetUtcNow() - start >= TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_server_that_refuses_votes_is_not_asked_again_for_the_same()
    {
        await using LiveServer server = await LiveServer.StartAsync([("reader", ClientRoles.Ask)]);
        await using Machine reader = new(new InsightCacheConnection(server.OptionsFor("reader"), _time, meters: _meters), _engine);
        using MetricCollector<long> votes = new(_meters, ClientMetrics.MeterName, "insightcache.client.votes");

        await reader.Connection.Exemption.TellAsync([ResultOf("a", Verdict.Clean)], reader.Scope, Token);
        await reader.Connection.Exemption.EndAsync(reader.Scope, Token);
        await reader.Connection.Exemption.EndAsync(reader.Scope, Token);

        Assert.Equal(1, server.Count(Routes.Votes));
        Assert.Equal((1, "lost"), (votes.LastMeasurement!.Value, votes.LastMeasurement.Tags["result"]));
    }

    [Theory]
    [InlineData("what sends them fails", 1, new[] { "lost 1", "arrived 2" })]
    [InlineData("what is told of them fails", 2, new[] { "failed 1", "arrived 2" })]
    [InlineData("a request is given up that nobody wanted to end", 3, new[] { "lost 1", "arrived 2" })]
    public async Task Whatever_fails_later_votes_are_sent(string because, int how, string[] expected)
    {
        ScriptedOutcomes outcomes = new() { FailsToHear = how == 2 };
        int sent = 0;
        Task<VoteAnswerFrame> SendAsync(ScopeName scope, Vote[] votes, CancellationToken token) => ++sent > 1 || how == 2 ? Task.FromResult(default(VoteAnswerFrame))
            : throw (how == 1 ? new InvalidOperationException("No handler.") : new OperationCanceledException("Not by the caller."));
        await using VoteQueue queue = new(SendAsync, outcomes, new InsightCacheClientOptions { VoteBatch = 1 }, _time);
        ScopeName scope = ScopeName.Of(new VerdictScope(_engine.Name, _engine.Profile, _engine.Definitions));

        List<string> seen = [];
        for (int i = 0; i < 2; i++)
        {
            queue.Add(scope, new Vote(Words.HashOf($"{i}"), VoteVerdict.Clean));
            seen.Add($"{await outcomes.Seen.Reader.ReadAsync(Token)} {sent}");
        }

        Assert.True(expected.SequenceEqual(seen), $"{because}: {string.Join(", ", seen)}");
    }

    [Fact]
    public async Task A_failure_that_nobody_expected_is_logged_and_holds_no_content_up()
    {
        Logs logs = new();
        using HttpClient http = new(new FailingHandler()) { BaseAddress = new Uri("http://127.0.0.1:9") };
        await using InsightCacheExemption exemption = new(
            new InsightCacheClient(http), new InsightCacheClientOptions { Address = http.BaseAddress }, _time, new Logger<InsightCacheExemption>(logs), _meters);
        VerdictScope session = new(_engine.Name, _engine.Profile, _engine.Definitions);
        await exemption.TellAsync([ResultOf("a", Verdict.Clean)], session, Token);

        await exemption.EndAsync(session, Token);

        Assert.IsType<InvalidOperationException>(Assert.Single(logs.Collector.GetSnapshot(), static record => record.Id.Name == "SendingFailed").Exception);
    }

    [Fact]
    public async Task Too_many_votes_drop_the_oldest()
    {
        await using ScriptedServer silent = ScriptedServer.Silent();
        InsightCacheClientOptions options = new() { Address = silent.Address, MaxQueuedVotes = 10, VoteBatch = 4096 };
        await using Machine scanner = new(new InsightCacheConnection(options, _time, meters: _meters), _engine);
        using MetricCollector<long> votes = new(_meters, ClientMetrics.MeterName, "insightcache.client.votes");

        await scanner.Connection.Exemption.TellAsync([.. Enumerable.Range(0, 100).Select(static i => ResultOf($"{i}", Verdict.Clean))], scanner.Scope, Token);

        Assert.Equal(90, votes.GetMeasurementSnapshot().Where(static vote => (string?)vote.Tags["result"] == "dropped").Sum(static vote => vote.Value));
    }

    [Fact]
    public async Task The_end_of_a_scan_waits_for_votes_no_longer_than_it_is_told_and_they_go_afterwards()
    {
        TaskCompletionSource open = new();
        await using LiveServer server = await StartAsync();
        server.Before = async context =>
        {
            if (context.Request.Path == Routes.Votes)
            {
                await open.Task.WaitAsync(context.RequestAborted);
            }

            return false;
        };
        await using Machine scanner = new(new InsightCacheConnection(server.OptionsFor("scanner"), _time, meters: _meters), _engine);
        using MetricCollector<long> votes = new(_meters, ClientMetrics.MeterName, "insightcache.client.votes");
        await scanner.Connection.Exemption.TellAsync([ResultOf("a", Verdict.Clean)], scanner.Scope, Token);
        Task ending = scanner.Connection.Exemption.EndAsync(scanner.Scope, Token).AsTask();
        await AdvanceUntilAsync(() => ending.IsCompleted);
        await ending;

        open.SetResult();
        await AdvanceUntilAsync(() => votes.GetMeasurementSnapshot().Count > 0);

        Assert.Equal("accepted", votes.LastMeasurement!.Tags["result"]);
    }

    [Fact]
    public async Task An_audit_scans_what_was_voted_clean_and_reports_what_it_finds()
    {
        await using LiveServer server = await StartAsync();
        InsightCacheClientOptions options = server.OptionsFor("scanner");
        options.AuditShare = 1;
        Logs logs = new();
        await using InsightCacheConnection connection = new(options, loggers: logs);
        await using Machine auditor = new(connection, _engine);
        await connection.Client.VoteAsync(
            auditor.Scope, new[] { new Vote(Words.HashOf("a virus"), VoteVerdict.Clean), new Vote(Words.HashOf("a"), VoteVerdict.Clean) }, Token);

        MemoryReport report = await auditor.ScanAsync("a virus", "a");

        Assert.Equal(2, report.Scanned);
        Assert.NotNull((await connection.Api.GetFileAsync(Words.HashOf("a virus"), Token)).Recall);
        Assert.Null((await connection.Api.GetFileAsync(Words.HashOf("a"), Token)).Recall);
        Assert.Contains(logs.Collector.GetSnapshot(), static record => record.Id.Name == "AuditDisagreed");
    }

    internal static ExemptionQuestion QuestionOf(string text) => new(new MemoryContent(text, Encoding.UTF8.GetBytes(text)), Words.HashOf(text));

    internal static ScanResult ResultOf(string text, Verdict verdict) => new()
    {
        Location = text,
        Length = text.Length,
        StoredLength = text.Length,
        Disposition = Disposition.Scanned,
        By = "words",
        Hash = Words.HashOf(text),
        Verdict = verdict,
        Definitions = CountingEngine.Numbered(1),
    };

    private static async Task<long> PendingAsync(LiveServer server)
    {
        await using InsightCacheConnection administrator = server.Administrator();
        return (await administrator.Api.GetStatusAsync(Token)).ItemsPending;
    }

    private async Task<LiveServer> StartAsync() => await (await LiveServer.StartAsync(
    [
        ("scanner", ClientRoles.Ask | ClientRoles.TrustedScanner),
        ("reader", ClientRoles.Ask),
    ])).WithAsync(_engine);

    /// <summary>Lets time pass, a little at once, until something has happened.</summary>
    private async Task AdvanceUntilAsync(Func<bool> happened)
    {
        while (!happened())
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(5, Token);
        }
    }

    private sealed class FailingHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw new InvalidOperationException("No handler.");
    }

    private sealed class ScriptedOutcomes : IVoteOutcomes
    {
        public Channel<string> Seen { get; } = Channel.CreateUnbounded<string>();

        public bool FailsToHear { get; set; }

        public void Arrived(ScopeName scope, Vote[] votes, VoteAnswerFrame answer)
        {
            if (FailsToHear)
            {
                FailsToHear = false;
                throw new InvalidOperationException("No listener.");
            }

            Seen.Writer.TryWrite("arrived");
        }

        public void Lost(ScopeName scope, Vote[] votes, Exception why) => Seen.Writer.TryWrite("lost");

        public void Failed(Exception why) => Seen.Writer.TryWrite("failed");

        public void Dropped(ScopeName scope, Vote vote) => Seen.Writer.TryWrite("dropped");
    }
}
