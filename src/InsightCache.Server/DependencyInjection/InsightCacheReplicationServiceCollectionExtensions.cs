using Microsoft.Extensions.DependencyInjection.Extensions;
using Symantec.Virtualization.InsightCache.Server;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Has a Shared Insight Cache share what it is told with other servers.</summary>
public static class InsightCacheReplicationServiceCollectionExtensions
{
    /// <summary>Adds the log that servers share, and what they keep beyond their memory. Packages that know a certain engine call this.</summary>
    /// <param name="services">The services, to which the cache is added as well.</param>
    /// <param name="log">Makes the log.</param>
    /// <param name="verdicts">Makes the second level, which is used only where <see cref="ReplicationOptions.SecondLevel"/> is on.</param>
    /// <param name="configure">How servers believe each other.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddInsightCacheReplication(
        this IServiceCollection services,
        Func<IServiceProvider, ISharedLog> log,
        Func<IServiceProvider, ISharedVerdicts> verdicts,
        Action<ReplicationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(verdicts);
        services.AddOptionsWithValidateOnStart<ReplicationOptions, ReplicationOptionsValidator>().Configure(configure ?? (static _ => { }));
        services.TryAddSingleton(log);
        services.TryAddSingleton(verdicts);
        return services;
    }
}
