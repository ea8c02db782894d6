using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Management.Server;
using Symantec.Virtualization.Management.Server.Storage;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Benchmarks.Management;

/// <summary>A manager with many enrolled clients: how long a search takes over HTTP, alone and under heartbeats, and how many heartbeats are taken. Load and manager share the machine.</summary>
internal static class ManagerRun
{
    private const string Secret = "benchmark-secret-of-every-client";

    private static readonly string[] Queries =
    [
        "hypervisor:vmware role:guest broker:horizon lastseen:<7d",
        "name:web-00*",
        "name:web-004242",
        "group:\"VDI\" detections:>0",
        "cloud:aws,azure instance:c5.*",
        "machine:unknown contradictory:yes",
        "windows horizon",
        "vsphere -broker:none persistent:no",
        "property.os:windows* lastseen:<1d",
        "",
    ];

    public static async Task RunAsync(int count, int seconds, DatabaseKind kind, string? connection)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("manager-run-");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddManagementServer(options =>
        {
            options.DataFolder = folder.FullName;
            options.Database = kind;
            options.ConnectionString = connection;
            options.FirstPassword = static (_, _) => { };
            options.ClientRequestsPerMinute = 1_000_000;
            options.AdministratorRequestsPerMinute = 1_000_000;
        });
        await using WebApplication app = builder.Build();
        app.MapManagement();
        await app.StartAsync();
        try
        {
            Guid[] clients = await FillAsync(app.Services, count);
            Uri address = new(app.Urls.Single());
            AdministratorDocument first = (await app.Services.GetRequiredService<Administrators>().ListAsync())[0];
            NewApiKey key = await app.Services.GetRequiredService<ApiKeys>().AddAsync(first.Id, "benchmark", AdministratorRole.View, null, Actor.Manager);
            using HttpClient script = new() { BaseAddress = address };
            script.DefaultRequestHeaders.Add(ManagementAccess.ApiKeyHeader, key.Key);

            await SearchAsync(script, 5);
            Console.WriteLine($"{count} clients, {kind}, {Environment.ProcessorCount} processors");
            Print("search, alone", await SearchAsync(script, 40));
            Print("counts of all axes, alone", await MeasureAsync(script, "/api/v1/clients/facets", 20));
            Print("export of all as CSV, alone", await MeasureAsync(script, "/api/v1/clients/export.csv", 5));

            await BeatAsync(address, clients, 0, TimeSpan.FromSeconds(2), 0);
            (long beats, double most) = await BeatAsync(address, clients, 1_000_000, TimeSpan.FromSeconds(seconds), 0);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"heartbeats, as many as possible: {beats / most:F0} a second"));
            double pace = count / 60.0;
            Task<(long Beats, double Seconds)> load = BeatAsync(address, clients, 2_000_000, TimeSpan.FromSeconds(seconds), pace);
            List<double> busy = await SearchAsync(script, 40);
            (beats, most) = await load;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"heartbeats, each client once a minute: {beats / most:F0} a second of {pace:F0} taken"));
            Print("search, under those", busy);
        }
        finally
        {
            await app.StopAsync();
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Guid[]> FillAsync(IServiceProvider services, int count)
    {
        GroupTree groups = services.GetRequiredService<GroupTree>();
        int vdi = (await groups.AddAsync(GroupTree.RootId, "VDI", Actor.Manager)).Id;
        ManagementDatabase database = services.GetRequiredService<ManagementDatabase>();
        Random random = new(42);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        byte[] hash = Secrets.HashOf(Secret);
        Guid[] ids = [.. Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7())];
        foreach (int[] piece in Enumerable.Range(0, count).Chunk(1000))
        {
            await database.WriteAsync(
                context =>
                {
                    foreach (int i in piece)
                    {
                        TagReport tag = TagOf(random);
                        ClientRecord client = new()
                        {
                            Id = ids[i],
                            Name = $"web-{i:d6}",
                            NameKey = $"web-{i:d6}",
                            SecretHash = hash,
                            GroupId = random.Next(4) == 0 ? vdi : GroupTree.RootId,
                            HardwareId = $"hardware-{i:d6}",
                            Enrolled = now.AddDays(-random.Next(400)),
                            LastSeen = now.AddMinutes(-random.Next(60 * 24 * 30)),
                            AgentVersion = $"1.{i % 5}",
                            Engine = "built-in",
                            Definitions = $"{27000 + random.Next(40)}",
                            Detections = random.Next(50) == 0 ? random.Next(1, 9) : 0,
                        };
                        TagColumns.Fill(client, tag);
                        TagColumns.FillSearchText(client);
                        context.Clients.Add(client);
                        context.Tags.Add(new TagRecord { ClientId = client.Id, Time = now, Report = tag.ToJson() });
                        string os = random.Next(2) == 0 ? "Windows 11" : "Debian 12";
                        context.Properties.Add(new PropertyRecord { ClientId = client.Id, Name = "os", Value = os, ValueKey = os.ToLowerInvariant() });
                    }

                    return Task.CompletedTask;
                },
                CancellationToken.None);
        }

        return ids;
    }

    private static TagReport TagOf(Random random)
    {
        HypervisorProduct product = Products.All[random.Next(Products.All.Count)];
        bool cloud = random.Next(4) == 0;
        bool desktop = random.Next(3) == 0;
        string[] clouds = ["aws", "azure", "gcp"];
        string[] brokers = ["horizon", "citrix", "avd"];
        return TagReport.Of(
            new VirtualizationTag
            {
                Machine = (MachineKind)random.Next(3),
                Role = PartitionRole.Guest,
                Hypervisor = new HypervisorTag { Family = product.Family, Product = product.Id, Name = product.Name, Vendor = product.Vendor },
                Cloud = cloud ? new CloudTag { Provider = clouds[random.Next(3)], Name = "cloud", InstanceType = random.Next(2) == 0 ? "c5.large" : "m5.large" } : null,
                Desktop = desktop ? new DesktopTag { Broker = brokers[random.Next(3)], Persistent = random.Next(2) == 0 } : null,
            },
            DateTimeOffset.UtcNow,
            TagReportReason.Startup);
    }

    private static async Task<List<double>> SearchAsync(HttpClient script, int rounds)
    {
        List<double> times = [];
        for (int round = 0; round < rounds; round++)
        {
            foreach (string query in Queries)
            {
                times.AddRange(await MeasureAsync(script, $"/api/v1/clients?q={Uri.EscapeDataString(query)}", 1));
            }
        }

        return times;
    }

    private static async Task<List<double>> MeasureAsync(HttpClient script, string route, int rounds)
    {
        List<double> times = [];
        for (int round = 0; round < rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            await script.GetByteArrayAsync(new Uri(route, UriKind.Relative));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times;
    }

    private static async Task<(long Beats, double Seconds)> BeatAsync(Uri address, Guid[] clients, long sequence, TimeSpan time, double pace)
    {
        long beats = 0;
        long next = -1;
        long start = Stopwatch.GetTimestamp();
        using HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 16 }) { BaseAddress = address };
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                long mine = Interlocked.Increment(ref next);
                if (pace > 0 && (mine / pace) - Stopwatch.GetElapsedTime(start).TotalSeconds is var early and > 0)
                {
                    await Task.Delay(TimeSpan.FromSeconds(early));
                }

                long index = mine % clients.Length;
                HeartbeatRequest beat = new()
                {
                    Sequence = sequence + mine + 1, AgentVersion = $"1.{index % 5}", Machine = new MachineIdentity { HostName = $"web-{index:d6}", HardwareId = $"hardware-{index:d6}" },
                };
                using HttpRequestMessage request = new(HttpMethod.Post, Routes.Heartbeat) { Content = JsonContent.Create(beat, ManagementJson.Default.HeartbeatRequest) };
                request.Headers.Authorization = new AuthenticationHeaderValue(Routes.Scheme, new ClientCredentials(clients[index], Secret).ToString());
                using HttpResponseMessage response = await http.SendAsync(request);
                response.EnsureSuccessStatusCode();
                Interlocked.Increment(ref beats);
            }
        }));
        return (beats, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static void Print(string what, List<double> times)
    {
        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: median {times[times.Count / 2]:F1} ms, 99th of 100 {times[(int)(times.Count * 0.99)]:F1} ms"));
    }
}
