using System.Text.Json.Nodes;
using Symantec.Virtualization.Examples.FullSystem;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.EndpointAgent;

/// <summary>The program <c>ManagerHost</c>, run as its users run it. It can be killed, and started again in the same place.</summary>
internal sealed class ManagerProgram : IAsyncDisposable
{
    private readonly int _port = HostProcess.FreePort();
    private readonly TemporaryFolder _folder;
    private HostProcess _process;
    private ManagerApi? _api;

    private ManagerProgram(TemporaryFolder folder)
    {
        _folder = folder;
        _process = Launch();
    }

    public Uri Address => new($"http://localhost:{_port}/");

    public ManagerApi Api => _api!;

    public static async Task<ManagerProgram> StartAsync(TemporaryFolder folder)
    {
        ManagerProgram manager = new(folder);
        await manager._process.WaitForAsync("listening on");
        string[] first = (await File.ReadAllTextAsync(folder["first-password"], TestContext.Current.CancellationToken)).Trim().Split(' ');
        manager._api = await ManagerApi.SignInAsync(manager.Address, first[0], first[1], $"{Guid.NewGuid()}", TestContext.Current.CancellationToken);
        return manager;
    }

    public Task KillAsync() => _process.KillAsync();

    /// <summary>Starts it again.</summary>
    public async Task RestartAsync()
    {
        await _process.DisposeAsync();
        _process = Launch();
        await _process.WaitForAsync("listening on");
    }

    /// <summary>Makes a token by which one machine enrols.</summary>
    public async Task<string> TokenAsync() => (string)(await Api.PostAsync("tokens", new { note = "test" }, TestContext.Current.CancellationToken))["token"]!;

    /// <summary>Sets the policy of everybody; heartbeats come every five seconds.</summary>
    public async Task SetPolicyAsync(string name, JsonObject? scan = null)
        => await Api.SetPolicyAsync(new JsonObject { ["name"] = name, ["heartbeatSeconds"] = 5, ["scan"] = scan ?? [] }, "", TestContext.Current.CancellationToken);

    /// <summary>Gets the names of the files that were reported as infected, in their order.</summary>
    public async Task<string[]> DetectedAsync()
        => [.. (await Api.GetAsync("detections", TestContext.Current.CancellationToken)).AsArray().Select(static detection => Path.GetFileName((string)detection!["location"]!)).Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        await _process.DisposeAsync();
    }

    private HostProcess Launch() => HostProcess.Start(
        HostProcess.ProgramOf("ManagerHost"),
        ["--Manager:Listen=localhost", $"--Manager:Port={_port}", $"--Manager:DataFolder={_folder["manager"]}", $"--Manager:FirstPasswordFile={_folder["first-password"]}"]);
}
