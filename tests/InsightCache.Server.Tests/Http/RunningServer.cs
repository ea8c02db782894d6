using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server.Tests.Store;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Http;

/// <summary>The cache in a host of its own, on a port of the loopback that the system chooses.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public CacheServer Server => _app.Services.GetRequiredService<CacheServer>();

    public static async Task<RunningServer> StartAsync(
        Action<AccessOptions>? access = null, Action<InsightCacheServerOptions>? options = null, Action<ListenOptions>? listen = null, Action<IServiceCollection>? services = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseInsightCacheConnections().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen ?? (static _ => { })));
        builder.Services.AddInsightCacheServer(
            cache =>
            {
                cache.Memory = "4MiB";
                options?.Invoke(cache);
            },
            access);
        builder.Services.AddProblemDetails();
        services?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        app.UseStatusCodePages();
        app.MapInsightCache();
        app.MapInsightCacheStatus();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RunningServer(app);
    }

    /// <summary>Makes the entry of a client that shows an API key.</summary>
    public static ClientOptions ClientOf(string name, ClientRoles roles, string key, string tenant = "default")
        => new() { Name = name, Roles = roles, Tenant = tenant, ApiKeyHashes = { ContentHash.Compute(Encoding.UTF8.GetBytes(key)).ToString() } };

    public HttpClient Client(string? key = null, Func<HttpMessageHandler>? handler = null)
    {
        HttpClient client = new(handler?.Invoke() ?? new SocketsHttpHandler()) { BaseAddress = Address };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Add(Routes.ApiKeyHeader, key);
        }

        return client;
    }

    public static HttpContent Json(string json) => new StringContent(json, new MediaTypeHeaderValue("application/json"));

    public static HttpContent Frame(byte[] frame) => new ByteArrayContent(frame) { Headers = { ContentType = new MediaTypeHeaderValue(Routes.FrameMediaType) } };

    public static byte[] Lookup(params int[] contents)
    {
        DefinitionsDocument definitions = Fleet.Definitions(1);
        return LookupFrame.Write(LaneId.Of(Fleet.Engine, ""), DefinitionsStamp.Of(1, definitions.Digest), [.. contents.Select(Fleet.Content)], wantsLeases: false);
    }

    public static byte[] Votes(VoteVerdict verdict, params int[] contents)
    {
        DefinitionsDocument definitions = Fleet.Definitions(1);
        return VoteFrame.Write(LaneId.Of(Fleet.Engine, ""), DefinitionsStamp.Of(1, definitions.Digest), [.. contents.Select(content => new Vote(Fleet.Content(content), verdict))]);
    }

    public async Task<HealthStatus> HealthAsync() => (await _app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Status;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
