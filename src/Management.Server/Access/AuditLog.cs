using Microsoft.EntityFrameworkCore;
using Symantec.Virtualization.Management.Server.Storage;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server;

/// <summary>An entry of the audit log.</summary>
/// <param name="Id">The entry's number.</param>
/// <param name="Time">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Act">What was done: <c>policy.set</c>.</param>
/// <param name="Target">To what.</param>
/// <param name="Detail">More about it, for people.</param>
/// <param name="Address">From where.</param>
public sealed record AuditEntry(long Id, DateTimeOffset Time, string Actor, string Act, string Target, string Detail, string Address);

/// <summary>What administrators did. An entry is written in the transaction of what it tells: neither is there without the other. Safe for concurrent use.</summary>
public sealed class AuditLog
{
    private const int MaxText = 500;

    private readonly ManagementDatabase _database;
    private readonly TimeProvider _time;

    internal AuditLog(ManagementDatabase database, TimeProvider time)
    {
        _database = database;
        _time = time;
    }

    /// <summary>Reads entries, the newest first.</summary>
    /// <param name="before">Only entries with a smaller number; <see langword="null"/> from the newest on.</param>
    /// <param name="actor">Only of this administrator.</param>
    /// <param name="count">How many at most, up to 500.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The entries.</returns>
    public async Task<IReadOnlyList<AuditEntry>> ReadAsync(long? before = null, string? actor = null, int count = 100, CancellationToken cancellationToken = default)
    {
        await using ManagementContext context = _database.Open();
        IQueryable<AuditRecord> entries = context.Audit;
        if (before is { } id)
        {
            entries = entries.Where(e => e.Id < id);
        }

        if (actor is not null)
        {
            entries = entries.Where(e => e.Actor == actor);
        }

        return await entries.OrderByDescending(static e => e.Id).Take(Math.Clamp(count, 1, 500))
            .Select(static e => new AuditEntry(e.Id, e.Time, e.Actor, e.Act, e.Target, e.Detail, e.Address)).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    internal void Add(ManagementContext context, Actor actor, string act, string target, string detail = "")
        => context.Audit.Add(new AuditRecord
        {
            Time = _time.GetUtcNow(), Actor = Shown(actor.Name), Act = act, Target = Shown(target), Detail = Shown(detail), Address = Shown(actor.Address),
        });

    private static string Shown(string text)
    {
        string shown = PrintableText.EscapeReceived(text);
        return shown.Length <= MaxText ? shown : shown[..MaxText];
    }
}
