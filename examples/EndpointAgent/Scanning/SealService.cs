using Microsoft.Extensions.Hosting;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Takes seals into use that are made or removed while the agent runs.</summary>
internal sealed class SealService(CurrentProtection protection, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            protection.RefreshSeals();
        }
    }
}
