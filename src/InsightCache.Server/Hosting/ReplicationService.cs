using Microsoft.Extensions.Hosting;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Shares with other servers while the host runs; ends at once where there are none.</summary>
internal sealed class ReplicationService(CacheServer server) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(
                server.Replicator?.RunAsync(stoppingToken) ?? Task.CompletedTask,
                server.SecondLevel?.RunAsync(stoppingToken) ?? Task.CompletedTask).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host ends.
        }
    }
}
