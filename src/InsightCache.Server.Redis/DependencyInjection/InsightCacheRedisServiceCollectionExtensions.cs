using Microsoft.Extensions.DependencyInjection.Extensions;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.InsightCache.Server.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Has several Shared Insight Cache servers share one truth through Redis, Valkey or Garnet.</summary>
public static class InsightCacheRedisServiceCollectionExtensions
{
    /// <summary>Adds the stream that the servers share; beside <c>AddInsightCacheServer</c>, in any order.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Which engine, and what is kept there.</param>
    /// <param name="configureReplication">How the servers believe each other; <see cref="ReplicationOptions.Secret"/> is needed.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddInsightCacheRedis(
        this IServiceCollection services, Action<InsightCacheRedisOptions>? configure = null, Action<ReplicationOptions>? configureReplication = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptionsWithValidateOnStart<InsightCacheRedisOptions, InsightCacheRedisOptionsValidator>().Configure(configure ?? (static _ => { }));
        services.TryAddSingleton<RedisConnection>();
        services.TryAddSingleton<RedisLog>();
        services.TryAddSingleton<RedisVerdicts>();
        return services.AddInsightCacheReplication(
            static provider => provider.GetRequiredService<RedisLog>(), static provider => provider.GetRequiredService<RedisVerdicts>(), configureReplication);
    }
}
