using System.Text;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>Servers that are dead, slow, full or hostile: everything is scanned, and nothing is waited for beyond the budget.</summary>
public sealed class FaultTests : IDisposable
{
    private static readonly string[] Texts = [.. Enumerable.Range(0, 600).Select(static i => $"content {i}")];

    private readonly CountingEngine _engine = new();
    private readonly Meters _meters = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Answers => new()
    {
        { "no HTTP", "SSH-2.0-OpenSSH_9.2\r\n" },
        { "not a frame", Http("200 OK", "text/html", "<html>hello</html>") },
        { "a frame with parameters", Http("200 OK", Routes.FrameMediaType + "; v=2", new string('x', 32)) },
        { "an empty frame", Http("200 OK", Routes.FrameMediaType, "") },
        { "a frame of something", Http("200 OK", Routes.FrameMediaType, new string('x', 96)) },
        { "a body without end", "HTTP/1.1 200 OK\r\nContent-Type: " + Routes.FrameMediaType + "\r\nTransfer-Encoding: chunked\r\n\r\n" + string.Concat(Enumerable.Repeat("1000\r\n" + new string('x', 0x1000) + "\r\n", 5)) },
        { "a body of a terabyte", "HTTP/1.1 200 OK\r\nContent-Type: " + Routes.FrameMediaType + "\r\nContent-Length: 1099511627776\r\n\r\n" },
        { "elsewhere", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n" },
        { "nothing", "HTTP/1.1 204 No Content\r\n\r\n" },
        { "an error", Http("500 Internal Server Error", "text/plain", "oh") },
        { "a refusal", Http("401 Unauthorized", "application/problem+json", "{}") },
        { "too many", "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1000000000\r\nContent-Length: 0\r\n\r\n" },
        { "no service", "HTTP/1.1 503 Service Unavailable\r\nRetry-After: -1\r\nContent-Length: 0\r\n\r\n" },
    };

    public void Dispose() => _meters.Dispose();

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Whatever_a_server_answers_that_is_no_answer_everything_is_scanned(string because, string answer)
    {
        await using ScriptedServer server = ScriptedServer.Answering(() => Encoding.Latin1.GetBytes(answer));
        await using Machine machine = new(OptionsFor(server.Address), _engine);

        MemoryReport report = await machine.ScanAsync(Texts);

        Assert.Equal((because, 600, 0), (because, report.Scanned, report.Skipped));
        Assert.Equal(600, _engine.Scanned.Count);
    }

    [Fact]
    public async Task A_dead_server_is_asked_three_times_and_then_left_alone_for_seconds()
    {
        FakeTimeProvider time = new();
        await using Machine machine = new(new InsightCacheConnection(OptionsFor(await ScriptedServer.DeadAsync()), time, meters: _meters), _engine);
        using MetricCollector<long> fallbacks = new(_meters, ClientMetrics.MeterName, "insightcache.client.fallbacks");
        for (int i = 0; i < 10; i++)
        {
            ExemptionAnswer answer = Assert.Single(await AskAsync(machine, $"content {i}"));
            Assert.Equal(ExemptionKind.Scan, answer.Kind);
        }

        Assert.Equal(
            [.. Enumerable.Repeat("unreachable", 3), .. Enumerable.Repeat("circuit_open", 7)],
            fallbacks.GetMeasurementSnapshot().Select(static measurement => measurement.Tags["reason"]));
    }

    [Fact]
    public async Task A_server_that_hangs_costs_three_budgets_and_then_nothing()
    {
        FakeTimeProvider time = new();
        await using ScriptedServer server = ScriptedServer.Silent();
        await using Machine machine = new(OptionsFor(server.Address), _engine, time);
        for (int i = 0; i < 3; i++)
        {
            Task<IReadOnlyList<ExemptionAnswer>> asking = AskAsync(machine, "a");
            await AdvanceUntilAsync(time, asking);
            Assert.Equal(ExemptionKind.Scan, Assert.Single(await asking).Kind);
        }

        DateTimeOffset open = time.GetUtcNow();
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(ExemptionKind.Scan, Assert.Single(await AskAsync(machine, "a")).Kind);
        }

        Assert.Equal(open, time.GetUtcNow());
        Assert.True(open - time.Start < TimeSpan.FromSeconds(1), $"{open - time.Start}");
    }

    [Fact]
    public async Task A_server_that_begins_to_answer_and_hangs_counts_like_a_silent_one()
    {
        FakeTimeProvider time = new();
        await using ScriptedServer server = new(static async (stream, token) =>
        {
            await ScriptedServer.ReadRequestAsync(stream, token);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {Routes.FrameMediaType}\r\nContent-Length: 34\r\n\r\nICF1"), token);
            await Task.Delay(Timeout.Infinite, token);
        });
        await using Machine machine = new(OptionsFor(server.Address), _engine, time);
        for (int i = 0; i < 3; i++)
        {
            Task<IReadOnlyList<ExemptionAnswer>> asking = AskAsync(machine, "a");
            await AdvanceUntilAsync(time, asking);
            Assert.Equal(ExemptionKind.Scan, Assert.Single(await asking).Kind);
        }

        InsightCacheException e = await Assert.ThrowsAsync<InsightCacheException>(
            () => machine.Connection.Client.LookupAsync(machine.Scope, new[] { Words.HashOf("a") }, wantsLeases: false, Token));
        Assert.Equal(InsightCacheFault.CircuitOpen, e.Fault);
    }

    [Fact]
    public async Task A_server_that_comes_back_is_asked_again_after_some_seconds()
    {
        FakeTimeProvider time = new();
        await using LiveServer server = await (await LiveServer.StartAsync([("scanner", ClientRoles.Ask | ClientRoles.TrustedScanner)])).WithAsync(_engine);
        await using Machine machine = new(server.OptionsFor("scanner"), _engine, time);
        await machine.Connection.Client.VoteAsync(machine.Scope, new[] { new Vote(Words.HashOf("a"), VoteVerdict.Clean) }, Token);
        server.Before = static context =>
        {
            context.Abort();
            return Task.FromResult(true);
        };
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(ExemptionKind.Scan, Assert.Single(await AskAsync(machine, "a")).Kind);
        }

        server.Before = static _ => Task.FromResult(false);
        Assert.Equal(ExemptionKind.Scan, Assert.Single(await AskAsync(machine, "a")).Kind);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(ExemptionKind.Skip, Assert.Single(await AskAsync(machine, "a")).Kind);
    }

    [Fact]
    public async Task A_kept_connection_that_was_closed_costs_one_more_request_and_no_answer()
    {
        int requests = 0;
        await using LiveServer server = await (await LiveServer.StartAsync([("scanner", ClientRoles.Ask | ClientRoles.TrustedScanner)])).WithAsync(_engine);
        await using Machine machine = new(server.OptionsFor("scanner"), _engine);
        server.Before = context =>
        {
            if (Interlocked.Increment(ref requests) != 1)
            {
                return Task.FromResult(false);
            }

            context.Abort();
            return Task.FromResult(true);
        };

        LookupAnswers answers = await machine.Connection.Client.LookupAsync(machine.Scope, new[] { Words.HashOf("a") }, wantsLeases: false, Token);

        Assert.Equal((DefinitionsStanding.Current, 2), (answers.Standing, requests));
    }

    [Theory]
    [InlineData(429, InsightCacheFault.Busy)]
    [InlineData(503, InsightCacheFault.Busy)]
    [InlineData(403, InsightCacheFault.Refused)]
    public async Task A_refusal_names_its_status(int status, InsightCacheFault fault)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        server.Before = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "7";
            return Task.FromResult(true);
        };
        await using Machine machine = new(server.OptionsFor(), _engine);

        InsightCacheException e = await Assert.ThrowsAsync<InsightCacheException>(
            () => machine.Connection.Client.LookupAsync(machine.Scope, new[] { Words.HashOf("a") }, wantsLeases: false, Token));

        Assert.Equal((fault, status, TimeSpan.FromSeconds(7)), (e.Fault, (int)e.StatusCode!, e.RetryAfter));
        Assert.Equal($"The server answered a lookup with status {status}.", e.Message);
    }

    [Fact]
    public async Task An_epoch_that_goes_back_fails_one_call_and_the_next_is_believed()
    {
        long epoch = 7;
        await using ScriptedServer server = ScriptedServer.Answering(() => CleanAnswer(epoch));
        await using Machine machine = new(OptionsFor(server.Address), _engine);
        Assert.Equal(ExemptionKind.Skip, Assert.Single(await AskAsync(machine, "a")).Kind);
        epoch = 6;

        Assert.Equal(ExemptionKind.Scan, Assert.Single(await AskAsync(machine, "b")).Kind);
        Assert.Equal(ExemptionKind.Skip, Assert.Single(await AskAsync(machine, "b")).Kind);
    }

    [Fact]
    public async Task A_failed_lookup_is_logged_once_and_so_is_its_end()
    {
        Logs logs = new();
        bool isDown = true;
        await using LiveServer server = await LiveServer.StartAsync();
        server.Before = context =>
        {
            context.Response.StatusCode = isDown ? 403 : 200;
            return Task.FromResult(isDown);
        };
        await using InsightCacheConnection connection = new(server.OptionsFor(), loggers: logs);
        await using Machine machine = new(connection, _engine);
        for (int i = 0; i < 3; i++)
        {
            await AskAsync(machine, "a");
        }

        isDown = false;
        await AskAsync(machine, "a");

        Assert.Equal(["LookupsFail", "LookupsWork"], logs.Collector.GetSnapshot().Select(static record => record.Id.Name).Where(static name => name!.StartsWith("Lookups", StringComparison.Ordinal)));
    }

    internal static byte[] CleanAnswer(long epoch)
    {
        byte[] frame = new byte[LookupAnswerFrame.FrameLength(1)];
        LookupAnswerFrame.WriteHeader(frame, 1, DefinitionsStanding.Current, 0, epoch, 1);
        frame[LookupAnswerFrame.HeaderSize] = 1;
        return [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {Routes.FrameMediaType}\r\nContent-Length: {frame.Length}\r\n\r\n"), .. frame];
    }

    internal static Task<IReadOnlyList<ExemptionAnswer>> AskAsync(Machine machine, params IEnumerable<string> texts)
        => machine.Connection.Exemption.AskAsync([.. texts.Select(VoteTests.QuestionOf)], machine.Scope, Token).AsTask();

    private static InsightCacheClientOptions OptionsFor(Uri address) => new()
    {
        Address = address,
        AuditShare = 0,
        ScanWhatIsCheaper = false,
        EndTimeout = TimeSpan.FromMilliseconds(100),
    };

    private static string Http(string status, string type, string body) => $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    /// <summary>Lets a little time pass, again and again, until a task has ended: what waits for time begins to wait when it comes to it.</summary>
    private static async Task AdvanceUntilAsync(FakeTimeProvider time, Task task)
    {
        DateTimeOffset start = time.GetUtcNow();
        while (!task.IsCompleted)
        {
            await Task.WhenAny(task, Task.Delay(20, Token));
            if (!task.IsCompleted && time.GetUtcNow() - start < TimeSpan.FromMilliseconds(250))
            {
                time.Advance(TimeSpan.FromMilliseconds(250));
            }
        }
    }
}
