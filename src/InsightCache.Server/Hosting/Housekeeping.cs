using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What is to be done from time to time: dead verdicts are taken away in slices of less than a millisecond, recalls are tidied, and snapshots are written.</summary>
internal sealed class Housekeeping(CacheServer server, IOptions<InsightCacheServerOptions> options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TidyInterval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(
                SweepAsync(stoppingToken),
                TidyAsync(stoppingToken),
                options.Value.SnapshotInterval > TimeSpan.Zero ? SnapshotAsync(stoppingToken) : Task.CompletedTask).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A host that could not start does not stop its services, and disposes of them.
        }
    }

    /// <summary>Sweeps slice by slice while there is something to look through, and else looks whether there is: a timer interrupts those who answer, where there is one processor.</summary>
    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(LookInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            TimeSpan next = server.Store.Sweep() ? SweepInterval : LookInterval;
            if (timer.Period != next)
            {
                timer.Period = next;
            }
        }
    }

    private async Task TidyAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(TidyInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            server.Store.FreeOldest();
            server.Store.Recalls.Tidy();
        }
    }

    private async Task SnapshotAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(options.Value.SnapshotInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            await server.TryWriteSnapshotAsync(stoppingToken).ConfigureAwait(false);
        }
    }
}
