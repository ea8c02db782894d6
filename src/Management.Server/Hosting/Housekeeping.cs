using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Management.Server;

/// <summary>Clears away what is too old, once an hour.</summary>
internal sealed class Housekeeping(ClientRegistry clients, ResultStore results, Sessions sessions, TimeProvider time, ILogger<Housekeeping> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Does one round.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        int forgotten = await clients.ForgetAsync(cancellationToken).ConfigureAwait(false);
        if (forgotten > 0)
        {
            Log.ClientsForgotten(logger, forgotten);
        }

        await results.ForgetAsync(cancellationToken).ConfigureAwait(false);
        await sessions.ForgetAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await RunAsync(stoppingToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever is wrong with the tables now, an hour later it may not be.
            catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
            {
                Log.HousekeepingFailed(logger, e);
            }
        }
    }
}
