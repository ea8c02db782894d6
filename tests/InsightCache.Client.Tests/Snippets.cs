using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

#pragma warning disable xUnit1051 // The snippets are written as their readers will write them, outside tests.

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>The snippets of the readme, each run once.</summary>
public sealed class Snippets : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CountingEngine _engine = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Skip_what_was_voted_clean()
    {
        await using LiveServer server = await StartAsync();
        (Uri address, string apiKey) = (server.Address, LiveServer.KeyOf("scanner"));
        (IScanEngine engine, IScanSource source, string memoPath) = (_engine, Words.Numbered(3), _folder["hashes.memo"]);
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;

        #region skip-what-was-voted-clean
        ScanPolicy policy = new(insightCache: new InsightCachePolicy { Enabled = true, Address = address });
        await using InsightCacheConnection cache = InsightCacheConnection.Open(policy, apiKey)!;
        using PersistentHashMemo memo = new(memoPath);

        ScanSession session = new(engine, new ScanSessionOptions
        {
            Trigger = ScanTrigger.Scheduled,
            Policy = policy,
            Exemptions = { cache.Exemption },
            HashMemo = memo,
        });

        ScanSummary summary = await session.RunAsync(source, cancellationToken);
        Console.WriteLine($"{summary.Skipped} of {summary.Contents} contents were skipped");
        #endregion

        Assert.Equal((0, 3), (summary.Skipped, summary.Contents));
    }

    [Fact]
    public async Task Add_to_a_host()
    {
        ServiceCollection services = new();
        (string apiKey, ContentHash pinnedKey) = ("key", default);

        #region add-insight-cache-client
        services.AddInsightCacheClient(options =>
            {
                options.Address = new Uri("https://cache.example:9005");
                options.ApiKey = apiKey;
                options.PinnedKey = pinnedKey;
            })
            .UseSocketsHttpHandler((handler, _) => handler.Proxy = new WebProxy("http://proxy.example:3128"));
        #endregion

        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.IsType<InsightCacheExemption>(provider.GetRequiredService<IScanExemption>());
    }

    [Fact]
    public async Task Ask_about_one_content()
    {
        await using LiveServer server = await StartAsync();
        await using InsightCacheConnection cache = server.Administrator();
        ContentHash hash = Words.HashOf("a");

        #region recall-a-content
        FileDocument file = await cache.Api.GetFileAsync(hash);
        if (file.Clean.Count > 0)
        {
            await cache.Api.RecallAsync(new RecallRequest(hash, "Win.Trojan.Example"));
        }

        RecallReport report = await cache.Api.GetRecallAsync(hash);
        foreach (ClientMention client in report.Relied)
        {
            Console.WriteLine($"{client.Client} skipped it {client.Times} times, last on {client.Last:u}");
        }
        #endregion

        Assert.Null(report.Recall);
    }

    private async Task<LiveServer> StartAsync()
        => await (await LiveServer.StartAsync([("scanner", ClientRoles.Ask | ClientRoles.TrustedScanner)])).WithAsync(_engine);
}
