using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What is to be done from time to time: dead verdicts are taken away in slices of less than a millisecond, recalls are tidied, and snapshots are written.</summary>
internal sealed class Housekeeping(CacheServer server, IOptions<InsightCacheServerOptions> options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TidyInterval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(
                EveryAsync(SweepInterval, () => server.Store.Sweep(), stoppingToken),
                EveryAsync(TidyInterval, Tidy, stoppingToken),
                options.Value.SnapshotInterval > TimeSpan.Zero ? SnapshotAsync(stoppingToken) : Task.CompletedTask).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A host that could not start does not stop its services, and disposes of them.
        }
    }

    private void Tidy()
    {
        server.Store.FreeOldest();
        server.Store.Recalls.Tidy();
    }

    private async Task SnapshotAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(options.Value.SnapshotInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            await server.TryWriteSnapshotAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task EveryAsync(TimeSpan interval, Action work, CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            work();
        }
    }
}
