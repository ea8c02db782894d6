using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Integration.InsightCache;

/// <summary>The program <c>InsightCacheHost</c>, run as its users run it, on free ports of the loopback.</summary>
internal sealed class InsightCacheHostProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private InsightCacheHostProgram(Process process, int port, int statusPort)
    {
        _process = process;
        Cache = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Status = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{statusPort}") };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public HttpClient Cache { get; }

    public HttpClient Status { get; }

    public string Log => string.Join('\n', _lines);

    public int Port => Cache.BaseAddress!.Port;

    private static string Program => Path.Combine(AppContext.BaseDirectory, "InsightCacheHost.dll");

    /// <summary>Runs a command of the program to its end.</summary>
    public static ProgramRun Run(params IEnumerable<string> arguments) => ProgramRun.Of("dotnet", [Program, .. arguments]);

    /// <summary>Starts the server, and waits until it is ready.</summary>
    public static async Task<InsightCacheHostProgram> StartAsync(params IEnumerable<string> settings)
    {
        (int port, int statusPort) = (FreePort(), FreePort());
        ProcessStartInfo start = new(
            "dotnet",
            [
                Program, "--InsightCache:Listen=localhost", $"--InsightCache:Port={port}", $"--InsightCache:StatusPort={statusPort}", "--InsightCache:Memory=16MiB",
                .. settings.Select(static setting => $"--InsightCache:{setting}"),
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        InsightCacheHostProgram host = new(Process.Start(start)!, port, statusPort);
        while (!await host.IsReadyAsync())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            Assert.False(host._process.HasExited, host.Log);
            await Task.Yield();
        }

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

    /// <summary>Ends the server as a machine that loses its power does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends the server as a service manager does.</summary>
    public async Task<int> StopAsync()
    {
        Peer.Run("sh", "-c", $"kill -TERM {_process.Id}");
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
        Cache.Dispose();
        Status.Dispose();
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

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

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }
}
