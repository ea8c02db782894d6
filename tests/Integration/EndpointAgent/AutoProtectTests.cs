using System.Diagnostics;
using System.Text.Json;
using Symantec.Virtualization.Integration.CommandLine;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.EndpointAgent;

/// <summary>The agent stands before every opening of a file on a mount. Linux, as root.</summary>
public sealed class AutoProtectTests
{
    private const string Switched = """{"scan":{"virtualImages":{"autoProtect":true}}}""";
    private const string OnDemandOnly = """{"scan":{"virtualImages":{"onDemand":true}}}""";

    [Fact]
    public async Task Opening_an_infected_file_is_denied_and_every_other_file_opens()
    {
        using TemporaryFolder folder = new();
        using LoopVolume volume = LoopVolume.Make("ext4", folder);
        File.WriteAllBytes(volume["invoice.com"], Eicar.Bytes);
        File.WriteAllText(volume["letter.txt"], "Dear colleague");
        await using AgentProgram agent = await AgentProgram.StartAsync(folder["data"], [$"AutoProtect:0={volume.Path}"]);

        Assert.Throws<UnauthorizedAccessException>(() => File.ReadAllBytes(volume["invoice.com"]));
        Assert.Equal("Dear colleague", File.ReadAllText(volume["letter.txt"]));
        await agent.Process.WaitForAsync($"Opening {volume["invoice.com"]} was denied to");
    }

    /// <summary>The seal was made without a scan, and lets an infected file pass: whether it opens tells whether it was scanned.</summary>
    [Theory]
    [InlineData("lets seals count for Auto-Protect", Switched, true)]
    [InlineData("lets seals count on demand only", OnDemandOnly, false)]
    [InlineData("says nothing of seals", "{}", false)]
    public async Task A_sealed_file_opens_without_a_scan_only_where_the_policy_lets_seals_count_for_Auto_Protect(string policy, string json, bool opens)
    {
        Assert.NotEmpty(policy);
        using TemporaryFolder folder = new();
        using LoopVolume volume = LoopVolume.Make("ext4", folder);
        File.WriteAllBytes(volume["sealed.com"], Eicar.Bytes);
        VieToolProgram tool = Seal(folder, volume);
        await using AgentProgram agent = await AgentProgram.StartAsync(folder["data"], Settings(folder, volume, tool, json));

        if (opens)
        {
            Assert.Equal(Eicar.Bytes, File.ReadAllBytes(volume["sealed.com"]));
        }
        else
        {
            Assert.Throws<UnauthorizedAccessException>(() => File.ReadAllBytes(volume["sealed.com"]));
        }

        JsonElement status = agent.Status();
        Assert.Equal(opens ? (1, 0) : (0, 1), (status.GetProperty("exempt").GetInt64(), status.GetProperty("scanned").GetInt64()));
    }

    [Fact]
    public async Task A_sealed_file_that_changed_is_scanned_again()
    {
        using TemporaryFolder folder = new();
        using LoopVolume volume = LoopVolume.Make("ext4", folder);
        File.WriteAllText(volume["tool.com"], "a tool of the image");
        VieToolProgram tool = Seal(folder, volume);
        await using AgentProgram agent = await AgentProgram.StartAsync(folder["data"], Settings(folder, volume, tool, Switched));
        Assert.Equal("a tool of the image", File.ReadAllText(volume["tool.com"]));

        File.WriteAllBytes(volume["tool.com"], Eicar.Bytes);

        Assert.Throws<UnauthorizedAccessException>(() => File.ReadAllBytes(volume["tool.com"]));
        await agent.Process.WaitForAsync($"Opening {volume["tool.com"]} was denied to");
    }

    [Fact]
    public async Task A_seal_that_is_made_while_the_agent_runs_counts_from_its_next_scan_on()
    {
        using TemporaryFolder folder = new();
        using LoopVolume volume = LoopVolume.Make("ext4", folder);
        File.WriteAllText(volume["tool.com"], "a tool of the image");
        VieToolProgram tool = new(folder);
        await using AgentProgram agent = await AgentProgram.StartAsync(folder["data"], Settings(folder, volume, tool, OnDemandOnly));
        JsonElement before = agent.ScanResults(volume["tool.com"]);

        Assert.Equal(0, tool.Generate(volume.Path, "--exclude", volume["lost+found"]).ExitCode);

        Assert.Equal((0, 1), (Skipped(before), Skipped(agent.ScanResults(volume["tool.com"]))));
        Assert.Single(agent.Status().GetProperty("seals").EnumerateArray());
    }

    [Fact]
    public async Task Killing_the_agent_leaves_no_file_blocked()
    {
        using TemporaryFolder folder = new();
        using LoopVolume volume = LoopVolume.Make("ext4", folder);
        File.WriteAllText(volume["letter.txt"], "Dear colleague");
        File.WriteAllBytes(volume["invoice.com"], Eicar.Bytes);
        await using AgentProgram agent = await AgentProgram.StartAsync(folder["data"], [$"AutoProtect:0={volume.Path}", "AutoProtectSeconds=600"]);

        // An agent that hangs: who opens a file now waits for it.
        agent.Process.Signal("STOP");
        Process[] readers = [.. new[] { "letter.txt", "invoice.com", "letter.txt" }.Select(name => Process.Start("cmp", ["-s", volume[name], volume[name]]))];
        Assert.All(readers, static reader => Assert.True(SpinWait.SpinUntil(() => File.ReadAllText($"/proc/{reader.Id}/wchan").Contains("fanotify", StringComparison.Ordinal), TimeSpan.FromSeconds(60))));

        await agent.Process.KillAsync();

        foreach (Process reader in readers)
        {
            await reader.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            Assert.Equal(0, reader.ExitCode);
            reader.Dispose();
        }

        Assert.Equal(Eicar.Bytes, File.ReadAllBytes(volume["invoice.com"]));
    }

    private static VieToolProgram Seal(TemporaryFolder folder, LoopVolume volume)
    {
        VieToolProgram tool = new(folder);
        ProgramRun run = VieToolProgram.Run(volume.Path, "--generate", "--key", tool.Key, "--allow-physical", "--skip-scan", "--exclude", volume["lost+found"]);
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        return tool;
    }

    private static string[] Settings(TemporaryFolder folder, LoopVolume volume, VieToolProgram tool, string policy) =>
    [
        AgentProgram.Policy(folder, policy), $"AutoProtect:0={volume.Path}", $"Seals:0:Root={volume.Path}", $"SealKeys:0={tool.PublicKey}", "GuardMarks=false",
    ];

    private static long Skipped(JsonElement results)
        => results.GetProperty("scans")[0].TryGetProperty("skipped", out JsonElement skipped) ? skipped.GetInt64() : 0;
}
