using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Http;

public sealed class ConnectionTests
{
    /// <summary>Nothing but the speed would show if the web server or the runtime no longer heard what it is told.</summary>
    [Fact]
    public async Task Requests_are_answered_where_they_were_received_from_memory_that_holds_a_batch()
    {
        Watch watch = new();
        await using RunningServer server = await RunningServer.StartAsync(services: services => services.AddSingleton<IStartupFilter>(watch));
        using HttpClient client = server.Client();
        for (int request = 0; request < 20; request++)
        {
            // Of those that come late enough to be waited for, none is handed to the thread pool.
            using HttpResponseMessage answer = await client.GetAsync("/v1/definitions", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.All(watch.Seen, static seen => Assert.True(seen.IsFromFrames));
        Assert.True(!OperatingSystem.IsLinux() || watch.Seen.Any(static seen => !seen.IsOnPool), "All requests were answered on the thread pool.");
    }

    private sealed class Watch : IStartupFilter
    {
        public ConcurrentBag<(bool IsOnPool, bool IsFromFrames)> Seen { get; } = [];

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, proceed) =>
            {
                Seen.Add((Thread.CurrentThread.IsThreadPoolThread, context.Features.Get<IMemoryPoolFeature>()?.MemoryPool is FrameMemoryPool));
                return proceed(context);
            });
            next(app);
        };
    }
}
