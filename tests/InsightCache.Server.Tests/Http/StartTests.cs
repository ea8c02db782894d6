using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Http;

public sealed class StartTests
{
    /// <summary>In some hosts the web server is the first to start, and would answer from what is not verified yet.</summary>
    [Fact]
    public async Task What_starts_before_the_cache_finds_its_snapshot_read()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        builder.Services.AddHostedService<First>();
        builder.Services.AddInsightCacheServer(static cache => cache.Memory = "1MiB");
        using IHost host = builder.Build();

        await host.StartAsync(TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(host.Services.GetServices<IHostedService>().OfType<First>().Single().FoundReady);
    }

    private sealed class First(CacheServer server) : IHostedService
    {
        public bool FoundReady { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            FoundReady = server.IsReady;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
