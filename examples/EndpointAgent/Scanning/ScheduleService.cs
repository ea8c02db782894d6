using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Runs the scans of the policy's schedules, each at a time of its own within the window, so that clones on one host do not start together.</summary>
internal sealed class ScheduleService(
    AgentOptions options, PolicyInForce policy, EndpointScanner scanner, IResultSink results, TimeProvider time, ILogger<ScheduleService> logger) : BackgroundService
{
    /// <summary>A clock that jumps, or a machine that slept, is noticed within this time.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Dictionary<string, (ScanSchedule Schedule, DateTimeOffset Start)> next = [];
        while (!stoppingToken.IsCancellationRequested)
        {
            PolicyDocument document = policy.Current;
            Plan(document, next);
            foreach ((ScanSchedule schedule, DateTimeOffset start) in next.Values.Where(plan => plan.Start <= time.GetUtcNow()).ToArray())
            {
                next.Remove(schedule.Name);

                // After a long sleep it is for the schedule to say whether what was missed is made up for.
                if (schedule.CatchUp || time.GetUtcNow() - start < TimeSpan.FromMinutes(schedule.WindowMinutes))
                {
                    await RunAsync(schedule, stoppingToken).ConfigureAwait(false);
                }
            }

            Plan(document, next);
            TimeSpan wait = next.Values.Select(plan => plan.Start - time.GetUtcNow()).Append(LongestWait).Min();
            await policy.WaitForChangeAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, stoppingToken).ConfigureAwait(false);
        }
    }

    private void Plan(PolicyDocument document, Dictionary<string, (ScanSchedule Schedule, DateTimeOffset Start)> next)
    {
        foreach (string name in next.Keys.Where(name => !document.Schedules.Contains(next[name].Schedule)).ToArray())
        {
            next.Remove(name);
        }

        foreach (ScanSchedule schedule in document.Schedules.Where(schedule => !next.ContainsKey(schedule.Name)))
        {
            DateTimeOffset start = schedule.NextStart(time.GetUtcNow(), policy.ClientId, time.LocalTimeZone);
            next[schedule.Name] = (schedule, start);
            Log.NextStart(logger, PrintableText.Escape(schedule.Name), start);
        }
    }

    private async Task RunAsync(ScanSchedule schedule, CancellationToken stoppingToken)
    {
        using CancellationTokenSource limit = schedule.MaxMinutes is { } minutes
            ? new CancellationTokenSource(TimeSpan.FromMinutes(minutes), time)
            : new CancellationTokenSource();
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
        IReadOnlyList<string> roots = schedule.Roots.Count > 0 ? schedule.Roots : options.ScanRoots;
        try
        {
            EndpointScan scan = await scanner.ScanAsync(roots, schedule.Trigger, schedule.Name, cancellationToken: ending.Token).ConfigureAwait(false);
            results.Report(ScanBatch.Of(scan, time));
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            Log.ScanOverTime(logger, PrintableText.Escape(schedule.Name), schedule.MaxMinutes ?? 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.ScanFailed(logger, PrintableText.Escape(schedule.Name), e);
        }
    }
}
