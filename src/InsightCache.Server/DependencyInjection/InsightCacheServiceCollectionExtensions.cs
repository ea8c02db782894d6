using Microsoft.Extensions.DependencyInjection.Extensions;
using Symantec.Virtualization.InsightCache.Server;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a Shared Insight Cache to a host.</summary>
public static class InsightCacheServiceCollectionExtensions
{
    /// <summary>Adds the cache: its memory is taken, its data folder opened and its snapshot read back when the host starts.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">How it remembers, believes and forgets.</param>
    /// <param name="configureAccess">Who may do what.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddInsightCacheServer(
        this IServiceCollection services, Action<InsightCacheServerOptions>? configure = null, Action<AccessOptions>? configureAccess = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptionsWithValidateOnStart<InsightCacheServerOptions, InsightCacheServerOptionsValidator>().Configure(configure ?? (static _ => { }));
        services.AddOptionsWithValidateOnStart<AccessOptions, AccessOptionsValidator>().Configure(configureAccess ?? (static _ => { }));
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<CacheServer>();
        services.TryAddSingleton<CacheMetrics>();
        services.AddHostedService(static provider => provider.GetRequiredService<CacheServer>());
        services.AddHostedService<Housekeeping>();
        services.AddHostedService<ReplicationService>();
        services.AddHealthChecks().AddCheck<CacheHealth>("insight cache", tags: ["ready"]);
        return services;
    }
}
