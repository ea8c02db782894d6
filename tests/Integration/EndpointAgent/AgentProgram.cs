using System.Text.Json;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.EndpointAgent;

/// <summary>The program <c>EndpointAgent</c>, run as its users run it.</summary>
internal sealed class AgentProgram : IAsyncDisposable
{
    private readonly string _data;

    private AgentProgram(HostProcess process, string data) => (Process, _data) = (process, data);

    public HostProcess Process { get; }

    private static string Program => HostProcess.ProgramOf("EndpointAgent");

    /// <summary>Starts the agent, and waits until it is ready.</summary>
    /// <param name="data">The folder where it keeps what it must not forget.</param>
    /// <param name="settings">Its other settings.</param>
    /// <param name="environment">Variables that it gets besides those of the test.</param>
    public static Task<AgentProgram> StartAsync(string data, IEnumerable<string> settings, params (string Name, string Value)[] environment)
        => ReadyAsync(HostProcess.Start(Program, Arguments(data, settings), environment), data);

    /// <summary>Starts the agent under an account without rights.</summary>
    public static Task<AgentProgram> StartAsNobodyAsync(string data)
        => ReadyAsync(HostProcess.Start("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", Program, .. Arguments(data, [])], ("HOME", Path.GetDirectoryName(data)!)), data);

    /// <summary>Writes a policy for an agent without a manager.</summary>
    /// <returns>The setting that has the agent follow it.</returns>
    public static string Policy(TemporaryFolder folder, string json)
    {
        string path = folder["policy.json"];
        File.WriteAllText(path, json);
        return $"PolicyFile={path}";
    }

    /// <summary>Has the agent scan, as somebody on the machine does.</summary>
    public ProgramRun Scan(params IEnumerable<string> paths) => ProgramRun.Of(Program, ["scan", "--data", _data, .. paths]);

    /// <summary>Has the agent scan, and reads what that came to.</summary>
    public JsonElement ScanResults(params IEnumerable<string> paths)
    {
        ProgramRun run = ProgramRun.Of(Program, ["scan", "--json", "--data", _data, .. paths]);
        Assert.True(run.ExitCode is 0 or 1, run.Errors + run.Output + Process.Log);
        return JsonDocument.Parse(run.Output).RootElement.GetProperty("results");
    }

    public JsonElement Status()
    {
        ProgramRun run = ProgramRun.Of(Program, ["status", "--data", _data]);
        Assert.True(run.ExitCode == 0, run.Errors + Process.Log);
        return JsonDocument.Parse(run.Output).RootElement.GetProperty("status");
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private static string[] Arguments(string data, IEnumerable<string> settings) => ["run", $"--Agent:Data={data}", .. settings.Select(static setting => $"--Agent:{setting}")];

    private static async Task<AgentProgram> ReadyAsync(HostProcess process, string data)
    {
        await process.WaitForAsync("The agent is ready");
        return new AgentProgram(process, data);
    }
}
