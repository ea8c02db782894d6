using System.Text.Json.Nodes;

namespace Symantec.Virtualization.Examples.FullSystem;

/// <summary>What a manual scan of a desktop came to.</summary>
internal sealed record DesktopScan(long Contents, long Infected, long Skipped, long BySeal, long ByCache, IReadOnlyList<string> Threats)
{
    public long Scanned => Contents - Skipped;

    public static DesktopScan Of(JsonNode answer)
    {
        JsonNode results = answer["results"] ?? throw new InvalidOperationException($"The agent did not scan: {answer.ToJsonString()}");
        JsonNode scan = results["scans"]![0]!;
        long By(string exemption) => (results["savings"]?.AsArray() ?? []).Where(saving => (string?)saving!["exemption"] == exemption).Sum(saving => (long)saving!["contents"]!);
        return new DesktopScan(
            (long)scan["contents"]!,
            Number(scan, "infected"),
            Number(scan, "skipped"),
            By("image-exception"),
            By("insight cache"),
            [.. (results["detections"]?.AsArray() ?? []).Select(static detection => $"{Path.GetFileName((string)detection!["location"]!)}: {(string)detection["threat"]!}")]);
    }

    private static long Number(JsonNode node, string name) => (long?)node[name] ?? 0;
}

/// <summary>A virtual desktop: a clone of the base image with an agent of its own. A cloned disk is mounted where the desktop alone sees it, as on a machine of its own.</summary>
internal sealed class Desktop : IAsyncDisposable
{
    private readonly HostProgram _agent;
    private readonly Clone _clone;
    private readonly string _data;

    private Desktop(string name, HostProgram agent, Clone clone, string data) => (Name, _agent, _clone, _data) = (name, agent, clone, data);

    public string Name { get; }

    /// <summary>Gets what its agent printed.</summary>
    public string Log => _agent.Output;

    public static async Task<Desktop> StartAsync(string name, Clone clone, string folder, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        string data = Directory.CreateDirectory(Path.Combine(folder, $"{name}.agent")).FullName;
        string[] arguments =
        [
            "run",
            $"--Agent:Data={data}",
            $"--Agent:HostName={name}",
            $"--Agent:HardwareId={Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{name} {folder}")))[..32]}",
            $"--Agent:Roots:0={clone.Root}",
            $"--Agent:Seals:0:Root={clone.Root}",

            // The story's letters are small, and everybody is on one machine: on a busy one they are sooner scanned than asked about.
            "--Agent:AskAboutEverything=true",
            "--Agent:CacheMilliseconds=20000",
            .. settings,
        ];
        (HostProgram agent, _) = await HostProgram.StartAsync(
            "EndpointAgent", arguments, static line => line.Contains("The agent is ready", StringComparison.Ordinal), cancellationToken, clone.Disk is { } disk ? (disk, clone.Root) : null);
        return new Desktop(name, agent, clone, data);
    }

    /// <summary>Writes a file of the desktop, as its user does.</summary>
    public async Task WriteAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        string full = PathOf(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        await File.WriteAllBytesAsync(full, content, cancellationToken);
    }

    /// <summary>Adds to a file of the desktop.</summary>
    public Task AppendAsync(string path, string text, CancellationToken cancellationToken) => File.AppendAllTextAsync(PathOf(path), text, cancellationToken);

    /// <summary>Has the agent scan everything, or only some files.</summary>
    public async Task<DesktopScan> ScanAsync(string[] paths, CancellationToken cancellationToken)
    {
        string[] all = [.. paths.Select(path => Path.Combine(_clone.Root, path))];
        (_, string output) = await HostProgram.RunAsync("EndpointAgent", ["scan", "--json", "--data", _data, .. all], cancellationToken);
        return output.StartsWith('{') ? DesktopScan.Of(JsonNode.Parse(output)!) : throw new InvalidOperationException($"{Name}: {output}{Environment.NewLine}{Log}");
    }

    /// <summary>Waits until the agent follows a policy of this name.</summary>
    public Task WaitForPolicyAsync(string name, CancellationToken cancellationToken) => _agent.WaitForAsync($"Policy in force: {name}.", times: 1, TimeSpan.FromSeconds(60), cancellationToken);

    /// <summary>Waits until the agent follows a policy of this name for the second time.</summary>
    public Task WaitForPolicyAgainAsync(string name, CancellationToken cancellationToken) => _agent.WaitForAsync($"Policy in force: {name}.", times: 2, TimeSpan.FromSeconds(60), cancellationToken);

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    /// <summary>A disk is seen through the agent's own mounts.</summary>
    private string PathOf(string path)
    {
        string inside = Path.Combine(_clone.Root, path);
        return _clone.Disk is null ? inside : $"/proc/{_agent.Id}/root{inside}";
    }
}
