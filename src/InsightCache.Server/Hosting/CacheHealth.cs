using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Ready when what was kept is read back; degraded while the disk does not take what it should.</summary>
internal sealed class CacheHealth(CacheServer server) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => Task.FromResult(
            !server.IsReady ? HealthCheckResult.Unhealthy("The snapshot is being read.")
            : server.Store.Recalls.IsUnwritten ? HealthCheckResult.Degraded("Recalls are in memory only: the disk does not take them.")
            : server.Store.Recalls.IsFull ? HealthCheckResult.Degraded("There are too many recalls: nothing is voted clean any longer.")
            : server.Replicator is { IsHolding: true } replicator ? HealthCheckResult.Degraded($"This server is {replicator.Lag.TotalSeconds:0} s behind the others: nothing new is voted clean until it has caught up.")
            : HealthCheckResult.Healthy());
}
