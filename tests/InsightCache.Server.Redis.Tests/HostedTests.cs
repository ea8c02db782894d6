using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server.Tests.Http;
using Symantec.Virtualization.InsightCache.Server.Tests.Store;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.InsightCache.Server.Redis.Tests;

public sealed class HostedTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hosts_share_votes_over_the_wire_and_find_them_in_the_second_level_by_frame_and_by_JSON()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using ConnectionMultiplexer raw = await redis.ConnectAsync();
        await using RunningServer a = await StartAsync(redis.Configuration);
        await using RunningServer b = await StartAsync(redis.Configuration);
        await Wait.UntilAsync(() => !a.Server.Replicator!.IsHolding && !b.Server.Replicator!.IsHolding, "caught up");
        a.Server.SetDefinitions("default", Fleet.Definitions(1));
        await Wait.UntilAsync(() => b.Server.Store.Lanes.Lanes.Any(), "learnt");
        using HttpClient voter = a.Client("key");
        using HttpClient asker = b.Client("key");

        using HttpResponseMessage voted = await voter.PostAsync(Routes.Votes, RunningServer.Frame(RunningServer.Votes(VoteVerdict.Clean, 1, 2)), Token);
        Assert.True(voted.IsSuccessStatusCode);
        await Wait.UntilAsync(() => b.Server.Store.Table.Count == 2 && SecondLevelTests.KeysOf(raw).Length == 2, "shared");
        foreach (bool isFrame in new[] { true, false })
        {
            b.Server.Store.Table.Clear();
            using HttpContent question = isFrame ? RunningServer.Frame(RunningServer.Lookup(1, 2, 3)) : RunningServer.Json(
                $$"""{"scope":{"engine":"clamav","sequence":1,"digest":"{{Fleet.Definitions(1).Digest}}"},"hashes":["{{Fleet.Content(1)}}","{{Fleet.Content(2)}}","{{Fleet.Content(3)}}"]}""");
            using HttpResponseMessage answer = await asker.PostAsync(Routes.Lookups, question, Token);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(Token);
            if (isFrame)
            {
                Assert.Equal(0b011, body[LookupAnswerFrame.HeaderSize]);
            }
            else
            {
                Assert.Contains("""["clean","clean","scan"]""", System.Text.Encoding.UTF8.GetString(body), StringComparison.Ordinal);
            }
        }

        Assert.Equal(HealthStatus.Healthy, await b.HealthAsync());
        redis.Kill();
        await Wait.UntilAsync(() => b.Server.Replicator!.IsHolding, "too far behind");
        Assert.Equal(HealthStatus.Degraded, await b.HealthAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("c2hvcnQ=")]
    [InlineData("no base64!")]
    public void A_secret_that_is_none_is_told_with_how_to_make_one(string secret)
    {
        OptionsValidationException e = Assert.Throws<OptionsValidationException>(() => OptionsOf<ReplicationOptions>(
            static redis => redis.Configuration = "localhost", replication => replication.Secret = secret));

        Assert.Equal(
            "Secret: At least 32 random bytes in base64 are needed, the same at every server of the cluster and nowhere else. \"openssl rand -base64 32\" makes them.", e.Message);
    }

    [Theory]
    [InlineData("", "Where Redis is")]
    [InlineData("localhost,no-such-setting=1", "no-such-setting")]
    [InlineData("ssl=true", "No address")]
    public void A_configuration_of_Redis_that_is_wrong_is_told(string configuration, string expected)
    {
        OptionsValidationException e = Assert.Throws<OptionsValidationException>(() => OptionsOf<InsightCacheRedisOptions>(
            redis => redis.Configuration = configuration, static replication => replication.Secret = Node.Secret));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("Configuration: ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("InsightCacheRedisOptions", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_shares_is_made_in_two_calls()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        string secret = Node.Secret;

        #region share-by-redis
        builder.Services.AddInsightCacheServer();
        builder.Services.AddInsightCacheRedis(
            redis => redis.Configuration = "redis1:6379,ssl=true,user=cache",
            replication => replication.Secret = secret); // the same at every server: openssl rand -base64 32
        #endregion

        builder.Services.Configure<InsightCacheServerOptions>(static cache => cache.Memory = "2MiB");
        await using WebApplication app = builder.Build();
        Assert.True(app.Services.GetRequiredService<CacheServer>().Replicator is { IsHolding: true });
    }

    private static TOptions OptionsOf<TOptions>(Action<InsightCacheRedisOptions> redis, Action<ReplicationOptions> replication)
        where TOptions : class
    {
        using ServiceProvider services = new ServiceCollection().AddInsightCacheServer().AddInsightCacheRedis(redis, replication).BuildServiceProvider();
        return services.GetRequiredService<IOptions<TOptions>>().Value;
    }

    private static Task<RunningServer> StartAsync(string redis) => RunningServer.StartAsync(
        static access => access.Clients.Add(RunningServer.ClientOf("scanner", ClientRoles.Ask | ClientRoles.TrustedScanner, "key")),
        services: services => services.AddInsightCacheRedis(
            options => (options.Configuration, options.Name) = (redis, Node.Name),
            static replication =>
            {
                replication.Secret = Node.Secret;
                replication.SecondLevel = true;
                replication.SecondLevelBudget = TimeSpan.FromSeconds(1);
                replication.MaxLag = TimeSpan.FromSeconds(2);
            }));
}
