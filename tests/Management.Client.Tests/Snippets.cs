using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Symantec.Virtualization.InsightCache.Client.Tests;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Management.Server;
using Symantec.Virtualization.Management.Server.Tests;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

#pragma warning disable xUnit1051 // What the documentation shows is no test.

namespace Symantec.Virtualization.Management.Client.Tests;

/// <summary>What the documentation shows.</summary>
public class Snippets
{
    [Fact]
    public async Task Host_a_manager()
    {
        using TemporaryFolder folder = new();
        string dataFolder = folder["data"];

        #region host-a-manager
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddManagementServer(options => options.DataFolder = dataFolder);

        WebApplication app = builder.Build();
        app.MapManagement();
        #endregion

        Assert.NotEmpty(((Microsoft.AspNetCore.Routing.IEndpointRouteBuilder)app).DataSources);
        await app.DisposeAsync();
    }

    [Fact]
    public async Task Ask_the_manager()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        ClientSearch search = manager.Get<ClientSearch>();
        RecallStore recalls = manager.Get<RecallStore>();
        ContentHash hash = ContentHash.Compute("bad"u8);

        #region ask-the-manager
        ClientPage page = await search.FindAsync("hypervisor:vmware role:guest broker:horizon lastseen:<7d group:\"VDI\" detections:>0");
        foreach (ClientSummary client in page.Clients)
        {
            Console.WriteLine($"{client.Name} {client.Platform} {client.Broker} {client.LastSeen:u}");
        }

        RecallReach reach = await recalls.ReachAsync(hash);
        foreach (SealReach seal in reach.Seals)
        {
            Console.WriteLine($"{seal.ImageId} called it clean and is in use by {seal.Clients.Count} clients");
        }
        #endregion

        Assert.Equal(0, page.Total);
    }

    [Fact]
    public void Add_the_client()
    {
        ServiceCollection services = new();
        string token = "enrol-0123456789abcdef";
        ContentHash pinnedKey = ContentHash.Compute("key"u8);

        #region add-management-client
        services.AddVirtualTagging();
        services.AddManagementClient(options =>
        {
            options.Address = new Uri("https://manager.example:8443");
            options.StateFolder = "/var/lib/agent";
            options.EnrolmentToken = token;
            options.PinnedKey = pinnedKey;
        });
        #endregion

        Assert.Contains(services, static service => service.ServiceType == typeof(ManagementAgent));
    }

    [Fact]
    public async Task Follow_and_report()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        using Host host = new(manager, null);
        ManagementAgent agent = host.Agent;
        CountingEngine engine = new();
        Words source = new("harmless");
        DateTimeOffset started = DateTimeOffset.UtcNow;
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;

        #region follow-and-report
        agent.Status = new AgentStatus { State = AgentState.Scanning, Definitions = engine.Definitions };
        ScanSession session = new(engine, new ScanSessionOptions { Policy = agent.Policy.Scan, Trigger = ScanTrigger.Scheduled });
        ScanSummary summary = await session.RunAsync(source, cancellationToken);

        agent.Spool.Add(scans: [ScanDocument.Of(summary, started, ScanTrigger.Scheduled, "weekly", engine.Definitions)]);
        #endregion

        Assert.Equal(1, agent.Spool.Count);
    }
}
