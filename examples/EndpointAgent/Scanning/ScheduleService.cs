using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Runs the scans of the policy's schedules, each at a time of its own within the window, so that clones on one host do not start together.</summary>
internal sealed class ScheduleService(
    AgentOptions options, PolicyInForce policy, ScheduleMemory memory, EndpointScanner scanner, IResultSink results, TimeProvider time, ILogger<ScheduleService> logger) : BackgroundService
{
    /// <summary>A clock that jumps, or a machine that slept, is noticed within this time.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (ScanSchedule Schedule, DateTimeOffset SeenTo)> _plan = [];
    private DateTimeOffset _freeSince = DateTimeOffset.MinValue;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            Plan(policy.Current.Schedules);
            foreach ((ScanSchedule schedule, DateTimeOffset seenTo) in _plan.Values.OrderBy(plan => NextStart(plan.Schedule, plan.SeenTo)).ToArray())
            {
                DateTimeOffset now = time.GetUtcNow();
                DateTimeOffset start = NextStart(schedule, seenTo);
                if (start <= now)
                {
                    SeeTo(schedule, now);
                    await RunIfInTimeAsync(schedule, start, now, stoppingToken).ConfigureAwait(false);
                }
            }

            TimeSpan wait = _plan.Values.Select(plan => NextStart(plan.Schedule, plan.SeenTo) - time.GetUtcNow()).Append(LongestWait).Min();
            await policy.WaitForChangeAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, stoppingToken).ConfigureAwait(false);
        }
    }

    private DateTimeOffset NextStart(ScanSchedule schedule, DateTimeOffset after) => schedule.NextStart(after, policy.ClientId ?? memory.Machine, time.LocalTimeZone);

    private void Plan(IReadOnlyList<ScanSchedule> schedules)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (string name in _plan.Keys.Where(name => !schedules.Any(schedule => schedule.Name == name)).ToArray())
        {
            _plan.Remove(name);
        }

        foreach (ScanSchedule schedule in schedules)
        {
            bool isKnown = _plan.TryGetValue(schedule.Name, out (ScanSchedule Schedule, DateTimeOffset SeenTo) plan);
            if (!isKnown || plan.Schedule != schedule)
            {
                // What was missed while the agent did not run is made up for where the schedule says so.
                DateTimeOffset seenTo = !isKnown && schedule.CatchUp && memory.SeenToUntil(schedule.Name) is { } kept && kept < now ? kept : now;
                _plan[schedule.Name] = (schedule, seenTo);
                memory.Keep(SeenTo());
                Log.NextStart(logger, PrintableText.Escape(schedule.Name), NextStart(schedule, seenTo));
            }
            else if (plan.SeenTo > now)
            {
                // The clock was set back.
                SeeTo(schedule, now);
            }
        }
    }

    private void SeeTo(ScanSchedule schedule, DateTimeOffset now)
    {
        _plan[schedule.Name] = (schedule, now);
        memory.Keep(SeenTo());
    }

    private Dictionary<string, DateTimeOffset> SeenTo() => _plan.Values.ToDictionary(static plan => plan.Schedule.Name, static plan => plan.SeenTo);

    /// <summary>Runs a scan that is due. After a long sleep it is for the schedule to say whether what was missed is made up for; time that another scan took is no delay.</summary>
    private async Task RunIfInTimeAsync(ScanSchedule schedule, DateTimeOffset start, DateTimeOffset now, CancellationToken stoppingToken)
    {
        TimeSpan late = now - (start > _freeSince ? start : _freeSince);
        TimeSpan window = TimeSpan.FromMinutes(schedule.WindowMinutes);
        if (!schedule.CatchUp && late > (window > 2 * LongestWait ? window : 2 * LongestWait))
        {
            Log.ScanMissed(logger, PrintableText.Escape(schedule.Name), start);
            return;
        }

        await RunAsync(schedule, stoppingToken).ConfigureAwait(false);
        _freeSince = time.GetUtcNow();
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
            if (limit.IsCancellationRequested)
            {
                Log.ScanOverTime(logger, PrintableText.Escape(schedule.Name), schedule.MaxMinutes ?? 0);
            }
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            Log.ScanOverTime(logger, PrintableText.Escape(schedule.Name), schedule.MaxMinutes ?? 0);
        }
#pragma warning disable CA1031 // Whatever ended this scan, the next one is due in its time.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            Log.ScanFailed(logger, PrintableText.Escape(schedule.Name), e);
        }
    }
}
