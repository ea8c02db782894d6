using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Symantec.Virtualization.Examples.FullSystem;

/// <summary>A day of a small virtual desktop infrastructure: every part of the system as a process of its own, over real sockets.</summary>
internal sealed class Story(IAnsiConsole console, string folder) : IAsyncDisposable
{
    private const int BaseFiles = 240;
    private const int Documents = 30;
    private const string EngineCredential = "cache-key";

    private readonly List<IAsyncDisposable> _running = [];
    private readonly Numbers _numbers = new();

    /// <summary>Gets the address of the console.</summary>
    public Uri? Console { get; private set; }

    /// <summary>Gets the administrator's password for it.</summary>
    public string Password { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));

    public async Task<Numbers> RunAsync(CancellationToken cancellationToken)
    {
        string definitions = Directory.CreateDirectory(Path.Combine(folder, "definitions")).FullName;
        await File.WriteAllTextAsync(Path.Combine(definitions, "story.ndb"), Signature("Story.Worm", "the worm of the first day"), cancellationToken);
        BaseImage image = await SealBaseImageAsync(definitions, cancellationToken);
        (int cache, string[] keys) = await StartCacheAsync(cancellationToken);
        using ManagerApi manager = await StartManagerAsync(cache + 1, cancellationToken);
        object Policy(string name, object? images = null) => PolicyOf(name, image.IsDisk, cache, images);
        await manager.SetPolicyAsync(Policy("day one"), "the first policy", cancellationToken);

        Desktop[] desktops = await StartDesktopsAsync(image, manager, keys, definitions, cancellationToken);
        await WorkAsync(desktops, cancellationToken);
        await UpdateDefinitionsAsync(desktops, definitions, manager, Policy, cancellationToken);
        await RecallAsync(desktops, manager, cancellationToken);
        await ScanOfflineAsync(cancellationToken);
        await ReportAsync(manager, cancellationToken);
        _numbers.CacheAnswered = !Array.Exists(desktops, static desktop => desktop.Log.Contains("The insight cache gives no answers", StringComparison.Ordinal));
        return _numbers;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable part in Enumerable.Reverse(_running))
        {
            await part.DisposeAsync();
        }
    }

    private async Task<BaseImage> SealBaseImageAsync(string definitions, CancellationToken cancellationToken)
    {
        Chapter("A base image is made and sealed");
        BaseImage image = await BaseImage.MakeAsync(folder, BaseFiles, cancellationToken);
        _running.Add(image);
        string key = Path.Combine(folder, "builder.pem");
        await ToolAsync("VieTool", ["--new-key", key], 0, cancellationToken);
        string report = Path.Combine(folder, "seal.json");
        await ToolAsync(
            "VieTool", [image.Root, "--generate", "--key", key, "--definitions", definitions, "--allow-physical", "--report", report, "--silent", "--exclude", Path.Combine(image.Root, "lost+found")], 0, cancellationToken);
        await image.CloseAsync(cancellationToken);
        Say(
            image.IsDisk
                ? $"{BaseFiles} files on a disk of its own, scanned, marked, and sealed with a key that stays with the builder. Clones are copies of the disk."
                : $"{BaseFiles} files in a folder, scanned, marked, and sealed with a key that stays with the builder. Without root, clones are copied file by file and known by mark and hash.");
        _numbers.Sealed = BaseFiles;
        return image;
    }

    private async Task<(int Port, string[] Keys)> StartCacheAsync(CancellationToken cancellationToken)
    {
        Chapter("The servers start");
        string[] keys = [.. Enumerable.Range(0, 3).Select(static _ => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)))];
        int port = FreePorts();
        List<string> settings =
        [
            "--InsightCache:Listen=localhost",
            $"--InsightCache:Port={port}",
            $"--InsightCache:StatusPort={port + 1}",
            $"--InsightCache:DataFolder={Path.Combine(folder, "cache")}",
            "--InsightCache:Memory=64MB",
        ];
        for (int i = 0; i < keys.Length; i++)
        {
            settings.Add($"--InsightCache:Access:Clients:{i}:Name=desktop-{i + 1}");
            settings.Add($"--InsightCache:Access:Clients:{i}:Roles=Ask, Vote, TrustedScanner");
            settings.Add($"--InsightCache:Access:Clients:{i}:ApiKeyHashes:0={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(keys[i])))}");
        }

        (HostProgram host, _) = await HostProgram.StartAsync("InsightCacheHost", settings, line => line.Contains($":{port}", StringComparison.Ordinal), cancellationToken);
        _running.Add(host);
        Say($"Shared Insight Cache on port {port}. Each desktop has a key of its own, and is a trusted scanner: one vote is enough.");
        return (port, keys);
    }

    private async Task<ManagerApi> StartManagerAsync(int cacheStatus, CancellationToken cancellationToken)
    {
        int port = FreePorts();
        string password = Path.Combine(folder, "first-password");
        (HostProgram host, _) = await HostProgram.StartAsync(
            "ManagerHost",
            [
                "--Manager:Listen=localhost", $"--Manager:Port={port}", $"--Manager:DataFolder={Path.Combine(folder, "manager")}", $"--Manager:FirstPasswordFile={password}",
                $"--Manager:InsightCacheStatus=http://localhost:{cacheStatus}",
            ],
            static line => line.Contains("listening on", StringComparison.OrdinalIgnoreCase),
            cancellationToken);
        _running.Add(host);
        Console = new Uri($"http://localhost:{port}/");
        string[] first = (await File.ReadAllTextAsync(password, cancellationToken)).Trim().Split(' ');
        Say($"Manager on port {port}.");
        return await ManagerApi.SignInAsync(Console, first[0], first[1], Password, cancellationToken);
    }

    private async Task<Desktop[]> StartDesktopsAsync(BaseImage image, ManagerApi manager, string[] keys, string definitions, CancellationToken cancellationToken)
    {
        Chapter("Three desktops are cloned from the base image");
        List<Desktop> desktops = [];
        for (int i = 0; i < keys.Length; i++)
        {
            string name = $"desktop-{i + 1}";
            string secrets = Directory.CreateDirectory(Path.Combine(folder, $"{name}.secrets")).FullName;
            await File.WriteAllTextAsync(Path.Combine(secrets, EngineCredential), keys[i], cancellationToken);
            JsonNode token = await manager.PostAsync("tokens", new { note = name }, cancellationToken);
            Clone clone = await image.CloneAsync(name, cancellationToken);
            Desktop desktop = await Desktop.StartAsync(
                name,
                clone,
                folder,
                [
                    $"--Agent:Manager={Console}", $"--Agent:EnrolmentToken={(string)token["token"]!}", $"--Agent:Secrets={secrets}", $"--Agent:Definitions={definitions}",
                    $"--Agent:SealKeys:0={Path.Combine(folder, "builder.pem.pub")}",
                ],
                cancellationToken);
            _running.Add(desktop);
            desktops.Add(desktop);
        }

        foreach (Desktop desktop in desktops)
        {
            await desktop.WaitForPolicyAsync("day one", cancellationToken);
        }

        JsonNode clients = await manager.GetAsync("clients?q=name:desktop-*", cancellationToken);
        _numbers.Enrolled = (long)clients["total"]!;
        string machine = string.Join(", ", (await manager.GetAsync("clients/facets?axes=product,role", cancellationToken)).AsArray()
            .SelectMany(static facet => facet!["values"]!.AsArray().Select(value => $"{facet["axis"]} {Word((string)value!["name"]!)}")).Distinct());
        Say($"{_numbers.Enrolled} enrolled, each with a one-time token, and told the manager what they run on: {machine}.");
        return [.. desktops];
    }

    private async Task WorkAsync(Desktop[] desktops, CancellationToken cancellationToken)
    {
        Chapter("Morning: everybody gets the same documents");
        foreach (Desktop desktop in desktops)
        {
            for (int i = 0; i < Documents; i++)
            {
                await desktop.WriteAsync($"Users/Documents/letter{i}.txt", Document(i), cancellationToken);
            }
        }

        // The cache believes definitions that two clients have: the third scans one document, and the first comes next.
        await desktops[2].ScanAsync(["Users/Documents/letter0.txt"], cancellationToken);
        _numbers.FirstScan = Tell("The first desktop", await desktops[0].ScanAsync([], cancellationToken));
        _numbers.SecondScan = Tell("The second", await desktops[1].ScanAsync([], cancellationToken));

        Chapter("Noon: on the second desktop a program changes, and something is downloaded");
        await desktops[1].AppendAsync("Program Files/Product 3/part3.dll", "patched", cancellationToken);
        await desktops[1].WriteAsync("Users/Downloads/invoice.com", Eicar(), cancellationToken);
        _numbers.AfterChange = Tell("The second desktop", await desktops[1].ScanAsync([], cancellationToken));
    }

    private async Task UpdateDefinitionsAsync(Desktop[] desktops, string definitions, ManagerApi manager, Func<string, object?, object> policy, CancellationToken cancellationToken)
    {
        Chapter("Afternoon: new definitions");
        await File.WriteAllTextAsync(Path.Combine(definitions, "update.ndb"), Signature("Story.Trojan", "the trojan of the second day"), cancellationToken);
        _numbers.AfterUpdate = Tell("The first desktop", await desktops[0].ScanAsync([], cancellationToken));
        Say("What was voted clean with the old definitions is scanned again; what the administrator sealed is not, unless the policy wants newer definitions:");
        await manager.SetPolicyAsync(policy("newer definitions", new { oldestDefinitions = DateTimeOffset.UtcNow }), "seals from before the update do not count", cancellationToken);
        await Task.WhenAll(desktops.Select(desktop => desktop.WaitForPolicyAsync("newer definitions", cancellationToken)));
        _numbers.WithOldestDefinitions = Tell("The first desktop", await desktops[0].ScanAsync([], cancellationToken));
        await manager.PostAsync("groups/1/policy/restore", new { number = 1 }, cancellationToken);
        await Task.WhenAll(desktops.Select(desktop => desktop.WaitForPolicyAgainAsync("day one", cancellationToken)));
        Say("The policy is taken back to its first version.");
    }

    private async Task RecallAsync(Desktop[] desktops, ManagerApi manager, CancellationToken cancellationToken)
    {
        Chapter("Evening: a file of the base image turns out bad");
        string hash = Convert.ToHexStringLower(SHA256.HashData(BaseImage.ContentOf(7)));
        await manager.PostAsync("recalls", new { hash, threat = "Story.Backdoor" }, cancellationToken);
        JsonNode reach = await WaitForAsync(
            () => manager.GetAsync($"recalls/{hash}", cancellationToken), node => node["relied"]!.AsArray().Count >= desktops.Length, "every desktop to answer the recall", cancellationToken);
        _numbers.Relied = [.. reach["relied"]!.AsArray().Select(static client => (string)client!["clientName"]!).Order(StringComparer.Ordinal)];
        Say($"The manager names who relied on it, all by the same seal: {string.Join(", ", _numbers.Relied)}.");
        _numbers.AfterRecall = Tell("The third desktop, which has not scanned yet,", await desktops[2].ScanAsync([], cancellationToken));
    }

    private async Task ScanOfflineAsync(CancellationToken cancellationToken)
    {
        Chapter("Night: a disk that is not running");
        string report = Path.Combine(folder, "offline.json");
        await ToolAsync("OfflineScan", ["--sample", "--report", report, "--quiet"], 1, cancellationToken);
        JsonNode summary = JsonNode.Parse(await File.ReadAllTextAsync(report, cancellationToken))!["summary"]!;
        _numbers.OfflineInfected = (long)summary["infected"]!;
        Say($"A VMDK with an NTFS and a FAT32 volume is scanned without being mounted: {_numbers.OfflineInfected} infected contents.");
    }

    private async Task ReportAsync(ManagerApi manager, CancellationToken cancellationToken)
    {
        Chapter("What the day came to");
        string today = DateOnly.FromDateTime(DateTime.UtcNow).ToString("yyyy-MM-dd", null);
        JsonNode detections = await WaitForAsync(() => manager.GetAsync("detections", cancellationToken), static node => node.AsArray().Count > 0, "the detection to be reported", cancellationToken);
        JsonNode savings = await manager.GetAsync($"reports/savings?from={today}&to={today}&by=exemption", cancellationToken);
        _numbers.Detections = detections.AsArray().Count;
        Table table = new Table().Border(TableBorder.Simple).AddColumn("").AddColumn(new TableColumn("contents not scanned").RightAligned()).AddColumn(new TableColumn("bytes").RightAligned());
        foreach (JsonNode? total in savings.AsArray())
        {
            table.AddRow(Markup.Escape((string)total!["name"]!), $"{(long)total["contents"]!:N0}", $"{(long)total["bytes"]!:N0}");
            _numbers.Saved += (long)total["contents"]!;
        }

        console.Write(table);
        Say($"{_numbers.Detections} detections were reported.");
    }

    private static JsonObject PolicyOf(string name, bool isDisk, int cache, object? images)
    {
        JsonObject virtualImages = new() { ["onDemand"] = true, ["autoProtect"] = true, ["check"] = isDisk ? "identity" : "identityOrHash" };
        if (images is not null)
        {
            foreach ((string member, JsonNode? value) in System.Text.Json.JsonSerializer.SerializeToNode(images)!.AsObject())
            {
                virtualImages[member] = value?.DeepClone();
            }
        }

        return new JsonObject
        {
            ["name"] = name,
            ["heartbeatSeconds"] = 5,
            ["scan"] = new JsonObject
            {
                ["virtualImages"] = virtualImages,
                ["insightCache"] = new JsonObject { ["enabled"] = true, ["address"] = $"http://localhost:{cache}/", ["credentialName"] = EngineCredential },
            },
        };
    }

    private static async Task<JsonNode> WaitForAsync(Func<Task<JsonNode>> ask, Func<JsonNode, bool> isThere, string what, CancellationToken cancellationToken)
    {
        for (int i = 0; i < 300; i++)
        {
            JsonNode node = await ask();
            if (isThere(node))
            {
                return node;
            }

            await Task.Delay(200, cancellationToken);
        }

        throw new InvalidOperationException($"Nothing came of waiting for {what}.");
    }

    private static async Task ToolAsync(string name, string[] arguments, int expected, CancellationToken cancellationToken)
    {
        (int exitCode, string output) = await HostProgram.RunAsync(name, arguments, cancellationToken);
        if (exitCode != expected)
        {
            throw new InvalidOperationException($"{name} {string.Join(' ', arguments)} ended with {exitCode}.{Environment.NewLine}{output}");
        }
    }

    private DesktopScan Tell(string who, DesktopScan scan)
    {
        string found = scan.Threats.Count == 0 ? "" : $", found {string.Join(", ", scan.Threats)}";
        Say($"{who} scans {scan.Scanned:N0} of {scan.Contents:N0} contents{found}. {scan.BySeal:N0} are sealed with the image, {scan.ByCache:N0} were voted clean by others.");
        return scan;
    }

    private void Chapter(string title) => console.Write(new Rule($"[bold]{Markup.Escape(title)}[/]").LeftJustified());

    private void Say(string sentence) => console.WriteLine(sentence);

    private static string Word(string name) => name.Length > 0 ? name : "unknown";

    private static byte[] Document(int i) => Encoding.UTF8.GetBytes($"Dear colleague, this is letter {i}. {new string('.', 2_000 + i)}");

    /// <summary>The EICAR test file, put together here so that no scanner takes this program for it.</summary>
    private static byte[] Eicar() => Encoding.ASCII.GetBytes(string.Concat([.. @"*H+H$!ELIF-TSET-SURIVITNA-DRADNATS-RACIE$}7)CC7)^P(45XZP\4[PA@%P!O5X".Reverse()]));

    private static string Signature(string name, string text) => $"{name}:0:*:{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text))}\n";

    /// <summary>Finds a port that is free, with a free one behind it.</summary>
    private static int FreePorts()
    {
        for (int tries = 0; tries < 100; tries++)
        {
            using TcpListener first = new(IPAddress.Loopback, 0);
            first.Start();
            int port = ((IPEndPoint)first.LocalEndpoint).Port;
            using TcpListener second = new(IPAddress.Loopback, port + 1);
            try
            {
                second.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else has it.
            }
        }

        throw new InvalidOperationException("No two ports are free side by side.");
    }
}
