using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Integration.InsightCache;

/// <summary>The program <c>InsightCacheHost</c>, run as its users run it, on free ports of the loopback.</summary>
internal sealed class InsightCacheHostProgram : IAsyncDisposable
{
    private readonly string[] _arguments;
    private HostProcess _process;

    private InsightCacheHostProgram(string[] arguments, int port, int statusPort)
    {
        _arguments = arguments;
        _process = HostProcess.Start(Program, arguments);
        Cache = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Status = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{statusPort}") };
    }

    public HttpClient Cache { get; }

    public HttpClient Status { get; }

    public string Log => _process.Log;

    public int Port => Cache.BaseAddress!.Port;

    private static string Program => HostProcess.ProgramOf("InsightCacheHost");

    /// <summary>Runs a command of the program to its end.</summary>
    public static ProgramRun Run(params IEnumerable<string> arguments) => ProgramRun.Of(Program, arguments);

    /// <summary>Starts the server, and waits until it is ready.</summary>
    public static async Task<InsightCacheHostProgram> StartAsync(params IEnumerable<string> settings)
    {
        (int port, int statusPort) = (HostProcess.FreePort(), HostProcess.FreePort());
        InsightCacheHostProgram host = new(
            [
                "--InsightCache:Listen=localhost", $"--InsightCache:Port={port}", $"--InsightCache:StatusPort={statusPort}", "--InsightCache:Memory=16MiB",
                .. settings.Select(static setting => $"--InsightCache:{setting}"),
            ],
            port,
            statusPort);
        await host.WaitUntilReadyAsync();
        return host;
    }

    public static ContentHash Content(int number) => ContentHash.Compute(BitConverter.GetBytes(number));

    /// <summary>Makes the scope of the tests' definitions.</summary>
    public static string Scope => $$"""{"engine":"clamav","sequence":1,"digest":"{{Content(0)}}"}""";

    public async Task<JsonElement> SendAsync(HttpMethod method, string path, string? json = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using HttpRequestMessage request = new(method, path) { Content = json is null ? null : new StringContent(json, new MediaTypeHeaderValue("application/json")) };
        using HttpResponseMessage answer = await Cache.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(expected == answer.StatusCode, $"{method} {path}: {answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    public Task SetDefinitionsAsync() => SendAsync(HttpMethod.Put, "/v1/definitions", $$"""{"engine":"clamav","version":"1","sequence":1,"digest":"{{Content(0)}}"}""");

    public Task<JsonElement> VoteAsync(string verdict, params IEnumerable<int> contents) => SendAsync(
        HttpMethod.Post,
        "/v1/votes",
        $$"""{"scope":{{Scope}},"votes":[{{string.Join(',', contents.Select(content => $$"""{"hash":"{{Content(content)}}","verdict":"{{verdict}}"}"""))}}]}""");

    public async Task<IReadOnlyList<string>> AskAsync(params IEnumerable<int> contents)
    {
        JsonElement answer = await SendAsync(
            HttpMethod.Post, "/v1/lookups", $$"""{"scope":{{Scope}},"hashes":[{{string.Join(',', contents.Select(static content => $"\"{Content(content)}\""))}}]}""");
        return [.. answer.GetProperty("answers").EnumerateArray().Select(static word => word.GetString()!)];
    }

    public Task KillAsync() => _process.KillAsync();

    public Task<int> StopAsync() => _process.StopAsync();

    /// <summary>Starts the server again, in the same place.</summary>
    public async Task RestartAsync()
    {
        await _process.DisposeAsync();
        _process = HostProcess.Start(Program, _arguments);
        await WaitUntilReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Cache.Dispose();
        Status.Dispose();
    }

    private Task WaitUntilReadyAsync() => Wait.UntilAsync(
        async () =>
        {
            Assert.False(_process.HasExited, Log);
            return await IsReadyAsync();
        },
        "the cache is ready");

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using HttpResponseMessage answer = await Status.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
