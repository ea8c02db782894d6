using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Symantec.Virtualization.Management.Server.Storage;

namespace Symantec.Virtualization.Management.Server;

/// <summary>What was reported, added up. Safe for concurrent use.</summary>
public sealed class Reports
{
    private const int MaxDays = 400;

    private readonly ManagementDatabase _database;
    private readonly TimeProvider _time;

    internal Reports(ManagementDatabase database, TimeProvider time)
    {
        _database = database;
        _time = time;
    }

    /// <summary>Tells how things stand.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The figures of one page.</returns>
    public async Task<Overview> OverviewAsync(CancellationToken cancellationToken = default)
    {
        DateTimeOffset now = _time.GetUtcNow();
        DateTimeOffset online = now.AddMinutes(-5);
        DateTimeOffset week = now.AddDays(-7);
        DateOnly today = DateOnly.FromDateTime(now.UtcDateTime);
        DateTimeOffset month = new(today.AddDays(-29).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        IReadOnlyList<SavingTotal> savings = await SavingsAsync(SavingAxis.Day, today.AddDays(-29), today, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using ManagementContext context = _database.Open();
        long clients = await context.Clients.LongCountAsync(cancellationToken).ConfigureAwait(false);
        long live = await context.Clients.LongCountAsync(c => c.LastSeen >= online, cancellationToken).ConfigureAwait(false);
        long machines = await context.Clients.LongCountAsync(static c => c.Machine == "virtual", cancellationToken).ConfigureAwait(false);
        long unclear = await context.Clients.LongCountAsync(static c => c.Machine == "unknown" || c.Machine == "" || c.Contradictory, cancellationToken).ConfigureAwait(false);
        long flagged = await context.Clients.LongCountAsync(static c => c.Standing != ClientStanding.Normal, cancellationToken).ConfigureAwait(false);
        long infected = await context.Clients.LongCountAsync(c => c.LastDetection >= week, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<NameCount> threats = await ThreatsAsync(month, 10, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<DayCount> days = await DetectionsByDayAsync(today.AddDays(-29), today, cancellationToken).ConfigureAwait(false);
        SavingTotal saved = new("", "", savings.Sum(static s => s.Contents), savings.Sum(static s => s.Bytes), savings.Sum(static s => s.Milliseconds));
        return new Overview(clients, live, machines, unclear, flagged, infected, days, threats, savings, saved);
    }

    /// <summary>Counts detections by day; a day without one is listed too.</summary>
    /// <param name="from">The first day, in UTC.</param>
    /// <param name="to">The last day, 400 days later at most.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The days.</returns>
    public async Task<IReadOnlyList<DayCount>> DetectionsByDayAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken = default)
    {
        RequireSpan(from, to);
        await using ManagementContext context = _database.Open();
        List<DayCount> days = [];

        // Each day is a range of the index; a grouping by a computed day would read every row of all of them.
        for (DateOnly day = from; day <= to; day = day.AddDays(1))
        {
            DateTimeOffset start = new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            DateTimeOffset end = start.AddDays(1);
            days.Add(new DayCount(day, await context.Detections.LongCountAsync(d => d.Time >= start && d.Time < end, cancellationToken).ConfigureAwait(false)));
        }

        return days;
    }

    /// <summary>Counts threats, the most frequent first.</summary>
    /// <param name="since">From when on.</param>
    /// <param name="count">How many at most, up to 100.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The threats.</returns>
    public async Task<IReadOnlyList<NameCount>> ThreatsAsync(DateTimeOffset since, int count = 20, CancellationToken cancellationToken = default)
    {
        await using ManagementContext context = _database.Open();
        return await context.Detections.Where(d => d.Time >= since).GroupBy(static d => d.Threat)
            .Select(static g => new { g.Key, Count = g.LongCount() }).OrderByDescending(static g => g.Count).ThenBy(static g => g.Key).Take(Math.Clamp(count, 1, 100))
            .Select(static g => new NameCount(g.Key, g.Count)).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds up what was not scanned, the most bytes first; days in their order, those without savings too.</summary>
    /// <param name="by">By what.</param>
    /// <param name="from">The first day, in UTC.</param>
    /// <param name="to">The last day, 400 days later at most.</param>
    /// <param name="clientId">Only of this client.</param>
    /// <param name="count">How many at most, up to 1,000; all days.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The totals.</returns>
    public async Task<IReadOnlyList<SavingTotal>> SavingsAsync(
        SavingAxis by, DateOnly from, DateOnly to, Guid? clientId = null, int count = 100, CancellationToken cancellationToken = default)
    {
        RequireSpan(from, to);
        int first = from.DayNumber;
        int last = to.DayNumber;
        await using ManagementContext context = _database.Open();
        IQueryable<SavingRecord> savings = context.Savings.Where(s => s.Day >= first && s.Day <= last);
        if (clientId is { } client)
        {
            savings = savings.Where(s => s.ClientId == client);
        }

        count = Math.Clamp(count, 1, 1000);
        switch (by)
        {
            case SavingAxis.Day:
                Dictionary<int, SavingTotal> known = (await savings.GroupBy(static s => s.Day)
                        .Select(static g => new { g.Key, Contents = g.Sum(static s => (double)s.Contents), Bytes = g.Sum(static s => (double)s.Bytes), Milliseconds = g.Sum(static s => (double)s.Milliseconds) })
                        .ToListAsync(cancellationToken).ConfigureAwait(false))
                    .ToDictionary(static g => g.Key, static g => new SavingTotal(NameOf(g.Key), NameOf(g.Key), Whole(g.Contents), Whole(g.Bytes), Whole(g.Milliseconds)));
                return [.. Enumerable.Range(first, last - first + 1).Select(day => known.GetValueOrDefault(day) ?? new SavingTotal(NameOf(day), NameOf(day), 0, 0, 0))];
            case SavingAxis.Client:
                return [.. (await savings.GroupBy(static s => s.ClientId)
                        .Select(static g => new
                        {
                            g.Key,
                            Name = g.Max(static s => s.ClientName),
                            Contents = g.Sum(static s => (double)s.Contents),
                            Bytes = g.Sum(static s => (double)s.Bytes),
                            Milliseconds = g.Sum(static s => (double)s.Milliseconds),
                        })
                        .OrderByDescending(static g => g.Bytes).Take(count).ToListAsync(cancellationToken).ConfigureAwait(false))
                    .Select(static g => new SavingTotal(g.Key.ToString(), g.Name ?? "", Whole(g.Contents), Whole(g.Bytes), Whole(g.Milliseconds)))];
            default:
                IQueryable<IGrouping<string, SavingRecord>> groups = by == SavingAxis.Image
                    ? savings.Where(static s => s.ImageId != "").GroupBy(static s => s.ImageId)
                    : savings.GroupBy(static s => s.Exemption);
                return [.. (await groups
                        .Select(static g => new { g.Key, Contents = g.Sum(static s => (double)s.Contents), Bytes = g.Sum(static s => (double)s.Bytes), Milliseconds = g.Sum(static s => (double)s.Milliseconds) })
                        .OrderByDescending(static g => g.Bytes).Take(count).ToListAsync(cancellationToken).ConfigureAwait(false))
                    .Select(static g => new SavingTotal(g.Key, g.Key, Whole(g.Contents), Whole(g.Bytes), Whole(g.Milliseconds)))];
        }
    }

    /// <summary>Clients may claim what they like; what they claim together does not make a report fail.</summary>
    private static long Whole(double sum) => (long)Math.Min(sum, 1L << 53);

    private static string NameOf(int day) => DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void RequireSpan(DateOnly from, DateOnly to)
    {
        if (to < from || to.DayNumber - from.DayNumber > MaxDays)
        {
            throw ManagementException.Invalid($"to: a day up to {MaxDays} days behind the first one is needed.");
        }
    }
}
