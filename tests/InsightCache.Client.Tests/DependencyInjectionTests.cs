using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

public class DependencyInjectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_gets_the_client_the_exemption_and_the_readable_contract()
    {
        CountingEngine engine = new();
        await using LiveServer server = await (await LiveServer.StartAsync([("scanner", ClientRoles.Ask | ClientRoles.TrustedScanner)])).WithAsync(engine);
        VerdictScope scope = new(engine.Name, engine.Profile, engine.Definitions);
        await using ServiceProvider provider = new ServiceCollection().AddLogging().AddInsightCacheClient(options =>
        {
            options.Address = server.Address;
            options.ApiKey = LiveServer.KeyOf("scanner");
        }).Services.BuildServiceProvider();

        InsightCacheClient client = provider.GetRequiredService<InsightCacheClient>();
        VoteAnswerFrame told = await client.VoteAsync(scope, new[] { new Vote(Words.HashOf("a"), VoteVerdict.Clean) }, Token);

        Assert.Equal(1, told.Accepted);
        Assert.Single((await provider.GetRequiredService<IInsightCacheApi>().GetFileAsync(Words.HashOf("a"), Token)).Clean);
        Assert.Same(provider.GetRequiredService<InsightCacheExemption>(), Assert.Single(provider.GetServices<IScanExemption>()));
    }

    [Fact]
    public async Task A_server_that_hangs_is_left_alone_here_as_well()
    {
        await using ScriptedServer silent = ScriptedServer.Silent();
        await using ServiceProvider provider = new ServiceCollection().AddInsightCacheClient(options =>
        {
            options.Address = silent.Address;
            options.LatencyBudget = TimeSpan.FromMilliseconds(10);
        }).Services.BuildServiceProvider();
        IScanExemption exemption = provider.GetRequiredService<IScanExemption>();
        ExemptionQuestion[] questions = [new(new MemoryContent("a", "a"u8.ToArray()), Words.HashOf("a"))];
        VerdictScope scope = new("words", ScanProfile.None, CountingEngine.Numbered(1));
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(ExemptionKind.Scan, Assert.Single(await exemption.AskAsync(questions, scope, Token)).Kind);
        }

        Assert.InRange(silent.Connections, 1, 3);
    }

    [Fact]
    public async Task Wrong_options_are_refused_when_the_client_is_asked_for()
    {
        await using ServiceProvider provider = new ServiceCollection().AddInsightCacheClient().Services.BuildServiceProvider();

        OptionsValidationException e = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<InsightCacheClient>);

        Assert.Equal("Address: an absolute http or https address is needed, without a query and without credentials.", Assert.Single(e.Failures));
    }
}
