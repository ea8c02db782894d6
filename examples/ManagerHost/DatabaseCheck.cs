using System.Data.Common;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Symantec.Virtualization.Management.Server;

namespace Symantec.Virtualization.Examples.ManagerHost;

/// <summary>Tells whether the manager's tables can be read.</summary>
internal sealed class DatabaseCheck(Administrators administrators) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            _ = await administrators.ListAsync(cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            return HealthCheckResult.Unhealthy("The tables cannot be read.", e);
        }
    }
}
