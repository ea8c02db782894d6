using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.EndpointAgent;

/// <summary>What somebody on the machine asks the running agent for, and who may.</summary>
public sealed class ControlTests
{
    [Fact]
    public async Task A_scan_tells_what_it_found_and_ends_with_the_exit_code_for_it()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["letter.txt"], "Dear colleague");
        File.WriteAllBytes(folder["invoice.com"], Eicar.Bytes);
        await using AgentProgram agent = await AgentProgram.StartAsync(folder["data"], []);

        ProgramRun infected = agent.Scan(folder["letter.txt"], folder["invoice.com"]);
        ProgramRun clean = agent.Scan(folder["letter.txt"]);
        ProgramRun missing = agent.Scan(folder["nothing"]);

        Assert.Equal((1, 0, 2), (infected.ExitCode, clean.ExitCode, missing.ExitCode));
        Assert.Contains($"{folder["invoice.com"]}: Eicar-Test-Signature FOUND", infected.Output, StringComparison.Ordinal);
        Assert.StartsWith("1 contents, 14 bytes: 0 infected", clean.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_tells_the_policy_the_definitions_and_the_machine()
    {
        using TemporaryFolder folder = new();
        await using AgentProgram agent = await AgentProgram.StartAsync(folder["data"], [AgentProgram.Policy(folder, """{"name":"quiet"}"""), "HostName=desktop-7"]);

        JsonElement status = agent.Status();

        Assert.Equal(("quiet", "desktop-7", 0), (status.GetProperty("policy").GetString(), status.GetProperty("machine").GetString(), status.GetProperty("seals").GetArrayLength()));
        Assert.True(status.GetProperty("signatures").GetInt64() > 0);
    }

    [Fact]
    public async Task Nobody_but_its_own_user_may_ask_the_agent()
    {
        Peer.RequireRoot();
        Peer.Require("setpriv");
        using TemporaryFolder folder = new();
        Peer.Run("chmod", "755", folder.Path);
        await using AgentProgram agent = await AgentProgram.StartAsync(folder["data"], []);

        ProgramRun run = ProgramRun.Of(
            "setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", HostProcess.ProgramOf("EndpointAgent"), "status", "--data", folder["data"]], ("HOME", "/tmp"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("does not answer", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_who_may_not_ask_does_not_end_the_agent()
    {
        Peer.RequireRoot();
        Peer.Require("setpriv");
        using TemporaryFolder folder = new();
        Peer.Run("chmod", "777", folder.Path);
        await using AgentProgram agent = await AgentProgram.StartAsNobodyAsync(folder["data"]);

        // Root passes every folder, and is another user all the same.
        ProgramRun run = ProgramRun.Of(HostProcess.ProgramOf("EndpointAgent"), ["status", "--data", folder["data"]]);

        Assert.Equal(2, run.ExitCode);
        await agent.Process.WaitForAsync("A command could not be taken");
        Assert.False(agent.Process.HasExited);
    }

    [Theory]
    [InlineData("a command that there is not", """{"command":"format"}""", "There is no such command.")]
    [InlineData("no JSON", "hello", "'h' is an invalid start of a value")]
    [InlineData("nothing", "null", "There is no such command.")]
    public async Task What_is_no_command_is_answered_with_the_reason(string what, string line, string reason)
    {
        Assert.NotEmpty(what);
        using TemporaryFolder folder = new();
        await using AgentProgram agent = await AgentProgram.StartAsync(folder["data"], []);

        string? answer = await AskAsync(folder, Encoding.UTF8.GetBytes(line + "\n"));

        Assert.Contains(reason, JsonDocument.Parse(answer!).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_without_end_is_cut_off_and_others_are_served()
    {
        using TemporaryFolder folder = new();
        await using AgentProgram agent = await AgentProgram.StartAsync(folder["data"], []);

        string? answer = await AskAsync(folder, new byte[17 << 20]);

        Assert.Null(answer);
        Assert.Equal(JsonValueKind.Object, agent.Status().ValueKind);
    }

    [Fact]
    public async Task An_agent_that_was_killed_is_followed_by_one_that_listens_in_its_place()
    {
        using TemporaryFolder folder = new();
        await using (AgentProgram killed = await AgentProgram.StartAsync(folder["data"], []))
        {
            await killed.Process.KillAsync();
        }

        await using AgentProgram agent = await AgentProgram.StartAsync(folder["data"], []);

        Assert.Equal(JsonValueKind.Object, agent.Status().ValueKind);
    }

    [Theory]
    [InlineData("a setting that there is not", "--Agent:Rootz=/", "Agent:Rootz: there is no such setting. Settings are AskAboutEverything, AutoProtect, ")]
    [InlineData("a part of a setting that there is not", "--Agent:Seals:0:Rooot=/", "Agent:Seals:0:Rooot: there is no such setting. Settings are File, Root.")]
    [InlineData("a setting of nobody", "--Agnet:Roots:0=/", "--Agnet:Roots:0=/: there is no such argument")]
    [InlineData("a number that is out of its range", "--Agent:AutoProtectSeconds=0", "AutoProtectSeconds")]
    [InlineData("a number that is none", "--Agent:AutoProtectSeconds=many", "Agent:AutoProtectSeconds")]
    public void A_wrong_setting_ends_it_with_2_and_names_itself(string what, string setting, string named)
    {
        Assert.NotEmpty(what);
        using TemporaryFolder folder = new();

        ProgramRun run = ProgramRun.Of(HostProcess.ProgramOf("EndpointAgent"), ["run", $"--Agent:Data={folder["data"]}", setting]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(named, run.Errors, StringComparison.Ordinal);
    }

    /// <summary>Writes to the socket, and reads a line; null where the agent hangs up.</summary>
    private static async Task<string?> AskAsync(TemporaryFolder folder, byte[] bytes)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(folder["data"], "agent.socket")), TestContext.Current.CancellationToken);
        await using NetworkStream stream = new(socket);
        try
        {
            await stream.WriteAsync(bytes, TestContext.Current.CancellationToken);
            using StreamReader reader = new(stream);
            return await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
