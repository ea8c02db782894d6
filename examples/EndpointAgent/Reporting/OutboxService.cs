using Microsoft.Extensions.Hosting;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Reports what Auto-Protect found, many at a time.</summary>
internal sealed class OutboxService(DetectionOutbox outbox, IResultSink results, TimeProvider time) : BackgroundService
{
    private const int MaxBatch = 200;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await outbox.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
        {
            List<Detection> batch = [];
            while (batch.Count < MaxBatch && outbox.Reader.TryRead(out Detection? detection))
            {
                batch.Add(detection);
            }

            results.Report(ScanBatch.Of(batch, time));
        }
    }
}
