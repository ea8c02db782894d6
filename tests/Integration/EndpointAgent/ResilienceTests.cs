using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Symantec.Virtualization.Integration.InsightCache;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Integration.EndpointAgent;

/// <summary>Whatever fails around an agent: it goes on, and nothing that it found is lost or counted twice.</summary>
public sealed class ResilienceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_found_while_the_manager_is_away_is_reported_when_it_is_back()
    {
        await using ManagerProgram manager = await ManagerProgram.StartAsync(_folder);
        await manager.SetPolicyAsync("day one");
        await using AgentProgram agent = await StartAsync(manager, _folder["data"]);
        Find(agent, "before.com");

        await manager.KillAsync();
        Find(agent, "meanwhile.com");
        await manager.RestartAsync();

        // Nobody asks the agent for anything: its own rounds deliver.
        await AssertDetectedAsync(manager, "before.com", "meanwhile.com");
        await manager.SetPolicyAsync("day two");
        await agent.Process.WaitForAsync("Policy in force: day two.");
    }

    [Fact]
    public async Task An_agent_that_is_killed_before_it_could_report_does_so_when_it_runs_again()
    {
        await using ManagerProgram manager = await ManagerProgram.StartAsync(_folder);
        await manager.SetPolicyAsync("day one");
        await using (AgentProgram killed = await StartAsync(manager, _folder["data"]))
        {
            await manager.KillAsync();
            Find(killed, "meanwhile.com");
            await killed.Process.KillAsync();
        }

        await using AgentProgram agent = await AgentProgram.StartAsync(_folder["data"], Settings(manager));

        // The manager is still away; its last policy counts.
        await agent.Process.WaitForAsync("Policy in force: day one.");
        await manager.RestartAsync();
        await AssertDetectedAsync(manager, "meanwhile.com");
    }

    [Fact]
    public async Task Without_the_cache_everything_is_scanned_and_with_it_again_it_is_asked_again()
    {
        (string keys, string[] access) = CacheKeys(2);
        await using InsightCacheHostProgram cache = await InsightCacheHostProgram.StartAsync([.. access, $"DataFolder={_folder["cache"]}"]);
        await using ManagerProgram manager = await ManagerProgram.StartAsync(_folder);
        await manager.SetPolicyAsync("day one", new JsonObject { ["insightCache"] = new JsonObject { ["enabled"] = true, ["address"] = cache.Cache.BaseAddress!.ToString(), ["credentialName"] = "key" } });
        await using AgentProgram agent = await StartAsync(manager, _folder["data"], $"Secrets={keys}/0", "AskAboutEverything=true", "CacheMilliseconds=5000");
        WriteLetters("old");

        // The cache believes definitions that two clients have.
        await using (AgentProgram other = await StartAsync(manager, _folder["other"], $"Secrets={keys}/1", "AskAboutEverything=true", "CacheMilliseconds=5000", "HardwareId=hardware-of-another"))
        {
            Skipped(other, "old");
        }

        await Wait.UntilAsync(() => Skipped(agent, "old") > 0, "the cache answers for what was scanned");

        await cache.StopAsync();
        Find(agent, "meanwhile.com");
        WriteLetters("new");
        Assert.Equal(0, Skipped(agent, "new"));

        await cache.RestartAsync();
        WriteLetters("newer");
        await Wait.UntilAsync(() => Skipped(agent, "newer") > 0, "the cache answers again");
        await AssertDetectedAsync(manager, "meanwhile.com");
    }

    [Fact]
    public async Task With_a_full_disk_results_wait_in_memory_and_policies_are_followed()
    {
        using LoopVolume disk = LoopVolume.Make("ext4", _folder, megabytes: 16);
        await using ManagerProgram manager = await ManagerProgram.StartAsync(_folder);
        await manager.SetPolicyAsync("day one");
        await using AgentProgram agent = await StartAsync(manager, disk["data"]);
        await agent.Process.WaitForAsync("Policy in force: day one.");

        // Not a block is left, nor one that is kept for root.
        ProgramRun.Of("dd", ["if=/dev/zero", $"of={disk["ballast"]}", "bs=1024"]);
        Assert.Throws<IOException>(() => File.WriteAllText(disk["probe"], "there is no room"));

        Find(agent, "full.com");
        await AssertDetectedAsync(manager, "full.com");
        await manager.KillAsync();
        Find(agent, "full-and-away.com");
        await manager.RestartAsync();
        await AssertDetectedAsync(manager, "full-and-away.com", "full.com");
        await manager.SetPolicyAsync("day two");
        await agent.Process.WaitForAsync("Policy in force: day two.");

        await manager.KillAsync();
        Find(agent, "full-again.com");
        File.Delete(disk["ballast"]);
        Find(agent, "with-room.com");
        await agent.Process.KillAsync();
        await using AgentProgram next = await AgentProgram.StartAsync(disk["data"], Settings(manager));
        await manager.RestartAsync();

        // What waited in memory went to the disk with the first result that found room there.
        await AssertDetectedAsync(manager, "full-again.com", "full-and-away.com", "full.com", "with-room.com");
    }

    [Fact]
    public async Task A_clock_that_jumps_neither_stops_the_agent_nor_loses_what_it_found()
    {
        FakedClock clock = new(_folder);
        await using ManagerProgram manager = await ManagerProgram.StartAsync(_folder);
        await manager.SetPolicyAsync("day one");
        await using AgentProgram agent = await AgentProgram.StartAsync(
            _folder["data"],
            [.. Settings(manager), $"EnrolmentToken={await manager.TokenAsync()}"],
            clock.Environment);
        await agent.Process.WaitForAsync("Policy in force: day one.");
        List<string> found = [];

        foreach ((string name, string jump) in new[] { ("now", "+0"), ("next-week", "+7d"), ("next-decade", "+3650d"), ("yesterday", "-1d"), ("years-ago", "-3650d"), ("before-there-was-time", "-20000d"), ("again", "+0") })
        {
            clock.Set(jump);
            Find(agent, $"{name}.com");
            found.Add($"{name}.com");
            await AssertDetectedAsync(manager, [.. found]);

            await manager.SetPolicyAsync(name);
            await agent.Process.WaitForAsync($"Policy in force: {name}.");
        }

        // What was said of times that are over is kept; what was said of times to come is not believed.
        int[] years = [.. (await manager.Api.GetAsync("detections", TestContext.Current.CancellationToken)).AsArray().Select(static detection => DateTimeOffset.Parse((string)detection!["time"]!, CultureInfo.InvariantCulture).Year)];
        Assert.Contains(2000, years);
        Assert.DoesNotContain(years, static year => year > DateTime.UtcNow.Year);
    }

    [Fact]
    public async Task What_Auto_Protect_found_is_reported_whatever_the_file_is_called()
    {
        using LoopVolume volume = LoopVolume.Make("ext4", _folder);
        string[] names = ["invoice.com", "two\nlines.com", "bell\a.com"];
        foreach (string name in names)
        {
            File.WriteAllBytes(volume[name], Eicar.Bytes);
        }

        await using ManagerProgram manager = await ManagerProgram.StartAsync(_folder);
        await manager.SetPolicyAsync("day one");
        await using AgentProgram agent = await StartAsync(manager, _folder["data"], $"AutoProtect:0={volume.Path}");

        Assert.All(names, name => Assert.Throws<UnauthorizedAccessException>(() => File.ReadAllBytes(volume[name])));

        await Wait.UntilAsync(async () => (await manager.DetectedAsync()).Length >= names.Length, "the manager knows of all");
        Assert.Equal(names.Select(PrintableText.Escape).Order(StringComparer.Ordinal), await manager.DetectedAsync());
    }

    /// <summary>Makes keys for the cache, each in a folder of secrets of its own, and the settings by which the cache knows them.</summary>
    private (string Folder, string[] Settings) CacheKeys(int count)
    {
        List<string> settings = [];
        for (int i = 0; i < count; i++)
        {
            string key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            Directory.CreateDirectory(_folder[$"keys/{i}"]);
            File.WriteAllText(_folder[$"keys/{i}/key"], key);
            string client = $"Access:Clients:{i}";
            settings.AddRange([$"{client}:Name=desktop-{i}", $"{client}:Roles=Ask, Vote, TrustedScanner", $"{client}:ApiKeyHashes:0={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}"]);
        }

        return (_folder["keys"], [.. settings]);
    }

    private static async Task AssertDetectedAsync(ManagerProgram manager, params string[] names)
    {
        string[] expected = [.. names.Order(StringComparer.Ordinal)];
        await Wait.UntilAsync(async () => (await manager.DetectedAsync()).Length >= expected.Length, $"the manager knows of {string.Join(", ", expected)}");
        Assert.Equal(expected, await manager.DetectedAsync());
    }

    private static string[] Settings(ManagerProgram manager) => [$"Manager={manager.Address}", "HardwareId=hardware-of-the-test"];

    private static async Task<AgentProgram> StartAsync(ManagerProgram manager, string data, params string[] settings)
    {
        AgentProgram agent = await AgentProgram.StartAsync(data, [.. Settings(manager), $"EnrolmentToken={await manager.TokenAsync()}", .. settings]);
        await agent.Process.WaitForAsync("Policy in force: day one.");
        return agent;
    }

    /// <summary>Puts an infected file on the machine, and has the agent find it.</summary>
    private void Find(AgentProgram agent, string name)
    {
        string path = Path.Combine(Directory.CreateDirectory(_folder["found"]).FullName, name);
        File.WriteAllBytes(path, Eicar.Bytes);
        ProgramRun run = agent.Scan(path);
        Assert.True(run.ExitCode == 1, run.Output + run.Errors + agent.Process.Log);
    }

    private void WriteLetters(string kind)
    {
        Directory.CreateDirectory(_folder[kind]);
        for (int i = 0; i < 20; i++)
        {
            File.WriteAllText(_folder[$"{kind}/letter{i}.txt"], $"Dear colleague, this is {kind} letter {i}.");
        }
    }

    /// <summary>Has the agent scan letters, and tells how many it skipped.</summary>
    private long Skipped(AgentProgram agent, string kind)
        => agent.ScanResults(_folder[kind]).GetProperty("scans")[0].TryGetProperty("skipped", out JsonElement skipped) ? skipped.GetInt64() : 0;
}
