using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Integration.Documentation;

/// <summary>The snippets about the Shared Insight Cache, each run once.</summary>
public sealed class InsightCacheSnippets : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Host_an_insight_cache()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        string data = _folder["data"];
        string hash = ContentHash.Compute("key"u8).ToString();

        #region host-an-insight-cache
        builder.Services.AddInsightCacheServer(
            cache =>
            {
                cache.Memory = "2GB";
                cache.DataFolder = data;
            },
            access => access.Clients.Add(new ClientOptions { Name = "agents", Roles = ClientRoles.Ask | ClientRoles.Vote, ApiKeyHashes = { hash } }));

        WebApplication app = builder.Build();
        app.MapInsightCache();
        app.MapInsightCacheStatus();
        #endregion

        await using (app)
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };
            client.DefaultRequestHeaders.Add("IC-Api-Key", "key");
            Assert.Equal("[]", await client.GetStringAsync("/v1/definitions", TestContext.Current.CancellationToken));
            await app.StopAsync(TestContext.Current.CancellationToken);
        }
    }
}
