using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Symantec.Virtualization.Peers;

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
        await Wait.UntilAsync(
            async () =>
            {
                using HttpResponseMessage answer = await client.GetAsync("/v1/definitions", TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

                // A request that is there before the server waits for it is answered where the one before it was. One of those behind a pause finds the server waiting.
                return !OperatingSystem.IsLinux() || watch.Seen.Any(static seen => !seen.IsOnPool);
            },
            "a request is answered on the thread that received it");
        Assert.All(watch.Seen, static seen => Assert.True(seen.IsFromFrames));
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
