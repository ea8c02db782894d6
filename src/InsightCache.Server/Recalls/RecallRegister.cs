using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What becomes of an infected report.</summary>
internal enum ReportOutcome
{
    /// <summary>The content is suspended or recalled, by this report or already.</summary>
    Taken,

    /// <summary>The client has reported too many contents, or there is no room for another recall.</summary>
    Refused,
}

/// <summary>The contents that must not be skipped. They are never evicted: when there is no room for more, nothing is voted clean any longer. Safe for concurrent use.</summary>
internal sealed class RecallRegister : IDisposable
{
    /// <summary>A client that missed more changes than these forgets all it remembers.</summary>
    private const int KeptChanges = 16_384;

    /// <summary>Longer than any verdict lasts, wherever it is kept.</summary>
    public static readonly TimeSpan KeptAfterEnd = TimeSpan.FromDays(120);

    private readonly RecallOptions _options;
    private readonly ServerClock _clock;
    private readonly ILogger _logger;
    private readonly SealedJournal? _journal;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<(string Tenant, ContentHash Hash), Recall> _recalls = new();

    /// <summary>Recalls that were lifted or have lapsed. What was said before they ended does not bring them, or the verdict that they took away, back.</summary>
    private readonly ConcurrentDictionary<(string Tenant, ContentHash Hash), Recall> _ended = new();

    private readonly Queue<Recall> _changes = new();
    private readonly Queue<Recall> _unwritten = new();
    private readonly Dictionary<uint, (DateTimeOffset Since, int Count)> _reports = [];
    private readonly List<Recall> _ever = [];
    private long _forgottenUpTo;
    private long _epoch;
    private long _floor;
    private int _lines;

    /// <summary>Initializes a new instance of the <see cref="RecallRegister"/> class.</summary>
    /// <param name="options">The bounds.</param>
    /// <param name="clock">The server's time.</param>
    /// <param name="logger">Where what goes wrong is told.</param>
    /// <param name="journal">Where recalls outlive the server, with what it holds.</param>
    /// <exception cref="InvalidDataException">The journal holds what is no recall.</exception>
    public RecallRegister(RecallOptions options, ServerClock clock, ILogger logger, (SealedJournal File, List<string> Lines)? journal = null)
    {
        _options = options;
        _clock = clock;
        _logger = logger;
        _journal = journal?.File;
        foreach (string line in journal?.Lines ?? [])
        {
            Recall recall = Read(line);
            _epoch = recall.Epoch;
            _floor = recall.IsFloor ? recall.Epoch : _floor;
            _lines++;
            _ever.Add(recall);
            Put(recall);
        }

        _forgottenUpTo = _epoch;
    }

    /// <summary>Gets or sets what is told of each change, before its epoch is known to anybody and before it is on disk.</summary>
    public Action<Recall> OnChange { get; set; } = static _ => { };

    /// <summary>Gets or sets what is told of each change that was made at this server, after that.</summary>
    public Action<Recall> OnOwnChange { get; set; } = static _ => { };

    /// <summary>Gets a number that grows with each change.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    public int Count => _recalls.Count;

    /// <summary>Gets a value indicating whether nothing may be voted clean, since a recall might not be kept.</summary>
    public bool IsFull => _recalls.Count >= _options.Limit;

    /// <summary>Gets a value indicating whether a recall is in memory only, since the disk does not take it.</summary>
    public bool IsUnwritten => _unwritten.Count > 0;

    /// <summary>Gets everything that the journal held at the start: what a snapshot from before must not bring back, also if the recall no longer stands.</summary>
    public IReadOnlyList<Recall> EverJournaled => _ever;

    /// <summary>Gets the epoch before which the journal does not tell everything, since it was shortened or verdicts were taken away that nobody can name; a snapshot must not be older.</summary>
    public long Floor => _floor;

    public bool Contains(string tenant, ContentHash hash) => TryFind(tenant, hash, out _);

    public bool TryFind(string tenant, ContentHash hash, [NotNullWhen(true)] out Recall? recall)
        => _recalls.TryGetValue((tenant, hash), out recall) && recall.Stands(_clock.Now);

    public IReadOnlyList<RecallDocument> List(string tenant)
        => [.. _recalls.Values.Where(recall => recall.Tenant == tenant && recall.Stands(_clock.Now)).OrderByDescending(static recall => recall.Epoch).Select(static recall => recall.Describe())];

    /// <summary>Takes a client's report that something was found in a content.</summary>
    public ReportOutcome Report(ClientIdentity client, ContentHash hash, string? threat)
    {
        lock (_lock)
        {
            DateTimeOffset now = _clock.Now;
            TryFind(client.Tenant, hash, out Recall? known);
            if (known is not null && (known.Permanent || known.Reporters.Contains(client.Id)))
            {
                // A fleet that finds what is recalled for good already changes nothing, and must not fill the journal.
                return ReportOutcome.Taken;
            }

            if (!MayReport(client.Id, now) || (known is null && IsFull))
            {
                return ReportOutcome.Refused;
            }

            Recall recall = (known ?? new Recall { Epoch = 0, Tenant = client.Tenant, Hash = hash, Reported = now, Threat = threat }) with
            {
                Epoch = _epoch + 1,
                Changed = ChangeTime(client.Tenant, hash, now),
                Until = now + _options.Suspension,
                Reporters = [.. known?.Reporters ?? [], client.Id],
            };
            recall = recall with { Permanent = recall.Permanent || Recall.IsQuorum(recall.Reporters, _options.Quorum) };
            Change(recall);
            return ReportOutcome.Taken;
        }
    }

    /// <summary>Has an administrator recall a content for good.</summary>
    public Recall RecallForGood(string tenant, ContentHash hash, string? threat)
    {
        lock (_lock)
        {
            DateTimeOffset now = _clock.Now;
            TryFind(tenant, hash, out Recall? known);
            Recall recall = (known ?? new Recall { Epoch = 0, Tenant = tenant, Hash = hash, Reported = now }) with
            {
                Epoch = _epoch + 1,
                Changed = ChangeTime(tenant, hash, now),
                Permanent = true,
                Threat = threat ?? known?.Threat,
            };
            Change(recall);
            return recall;
        }
    }

    /// <summary>Has an administrator lift a recall; the content is then unknown, and not clean.</summary>
    /// <returns><see langword="false"/> if there is none.</returns>
    public bool Lift(string tenant, ContentHash hash)
    {
        lock (_lock)
        {
            if (!TryFind(tenant, hash, out Recall? known))
            {
                return false;
            }

            Change(known with { Epoch = _epoch + 1, Lifted = true, Changed = ChangeTime(tenant, hash, _clock.Now) });
            return true;
        }
    }

    /// <summary>Takes a state that another server knows. It is taken when there are too many recalls as well: a recall that is refused would leave the verdict.</summary>
    /// <returns><see langword="false"/> if this server knows more than that one did.</returns>
    public bool Merge(Recall other)
    {
        lock (_lock)
        {
            Recall? known = LastOf(other.Tenant, other.Hash);
            Recall joined = known is null ? other : Recall.Join(known, other, _options.Quorum);
            if (known?.SaysTheSameAs(joined) != true)
            {
                joined = joined with { Epoch = _epoch + 1 };
                Keep(joined);
            }

            return joined.SaysTheSameAs(other);
        }
    }

    /// <summary>Gets all that is known of contents that are or were recalled.</summary>
    public IReadOnlyList<Recall> Known()
    {
        lock (_lock)
        {
            return [.. _recalls.Values, .. _ended.Values];
        }
    }

    /// <summary>Gets when a content was last recalled or a recall of it ended; a verdict from before that counts no longer, wherever it was kept.</summary>
    public DateTimeOffset LastChange(string tenant, ContentHash hash) => LastOf(tenant, hash)?.Changed ?? DateTimeOffset.MinValue;

    /// <summary>Lists what a client that knows an epoch must forget.</summary>
    public RecallChanges Since(string tenant, long epoch)
    {
        lock (_lock)
        {
            return new RecallChanges
            {
                Epoch = _epoch,
                Complete = epoch >= _forgottenUpTo && epoch <= _epoch,
                Recalled = [.. _changes.Where(change => change.Epoch > epoch && change.Tenant == tenant && !change.Lifted).Select(static change => change.Hash).Distinct()],
            };
        }
    }

    /// <summary>Has every client forget what it remembers, since verdicts were taken away that nobody can name one by one.</summary>
    public void Advance()
    {
        lock (_lock)
        {
            Keep(Recall.FloorAt(_epoch + 1));
            _changes.Clear();
            _forgottenUpTo = _epoch;
        }
    }

    /// <summary>Shortens the journal, if much of it no longer stands. Only when a snapshot is on disk that knows all of it.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            if (_journal is null || _unwritten.Count > 0 || _lines <= 2 * (_recalls.Count + _ended.Count + 1))
            {
                return;
            }

            List<Recall> known = [.. _recalls.Values.Concat(_ended.Values).OrderBy(static recall => recall.Epoch)];
            try
            {
                // The floor stands first and last: the epoch must never go back, whatever the last standing recall says.
                Recall floor = Recall.FloorAt(_epoch);
                _journal.Rewrite(known.Prepend(floor).Append(floor).Select(Write));
                _lines = known.Count + 2;
                _floor = _epoch;
            }
            catch (IOException e)
            {
                Log.RecallNotWritten(_logger, 0, e);
            }
        }
    }

    /// <summary>Forgets suspensions that have ended, and writes what the disk would not take.</summary>
    public void Tidy()
    {
        lock (_lock)
        {
            DateTimeOffset now = _clock.Now;
            foreach ((var key, Recall recall) in _recalls)
            {
                if (!recall.Stands(now))
                {
                    _ended[key] = recall;
                    _recalls.TryRemove(new KeyValuePair<(string, ContentHash), Recall>(key, recall));
                }
            }

            ForgetEnded(now);

            foreach (uint client in _reports.Where(reports => now - reports.Value.Since > TimeSpan.FromHours(1)).Select(static reports => reports.Key).ToList())
            {
                _reports.Remove(client);
            }

            WriteWaiting();
        }
    }

    public void Dispose() => _journal?.Dispose();

    private static string Write(Recall recall) => JsonSerializer.Serialize(recall, RecallJson.Default.Recall);

    private static Recall Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, RecallJson.Default.Recall) ?? throw new JsonException("A line is null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"A line of the journal of recalls is none: {e.Message}", e);
        }
    }

    private bool MayReport(uint client, DateTimeOffset now)
    {
        (DateTimeOffset since, int count) = _reports.GetValueOrDefault(client, (now, 0));
        (since, count) = now - since > TimeSpan.FromHours(1) ? (now, 0) : (since, count);
        if (count >= _options.ReportsPerHour)
        {
            return false;
        }

        _reports[client] = (since, count + 1);
        return true;
    }

    private void Change(Recall recall)
    {
        Keep(recall);
        OnOwnChange(recall);
    }

    private Recall? LastOf(string tenant, ContentHash hash)
        => _recalls.TryGetValue((tenant, hash), out Recall? last) || _ended.TryGetValue((tenant, hash), out last) ? last : null;

    /// <summary>A change is later than what it changes, also where the server that made that has a clock which is ahead.</summary>
    private DateTimeOffset ChangeTime(string tenant, ContentHash hash, DateTimeOffset now)
        => LastOf(tenant, hash)?.Changed is { } last && last >= now ? last + TimeSpan.FromTicks(1) : now;

    private void ForgetEnded(DateTimeOffset now)
    {
        foreach ((var key, _) in _ended.Where(ended => ended.Value.Changed < now - KeptAfterEnd && (ended.Value.Lifted || ended.Value.Until < now - KeptAfterEnd)).Concat(
            _ended.OrderBy(static ended => ended.Value.Changed).Take(Math.Max(0, _ended.Count - _options.Limit))))
        {
            _ended.TryRemove(key, out _);
        }
    }

    private void Keep(Recall recall)
    {
        // Whoever reads the new epoch must find the verdict gone, and nobody waits for the disk until it is.
        Put(recall);
        if (!recall.IsFloor)
        {
            OnChange(recall);
        }

        _changes.Enqueue(recall);
        while (_changes.Count > KeptChanges)
        {
            _forgottenUpTo = _changes.Dequeue().Epoch;
        }

        Volatile.Write(ref _epoch, recall.Epoch);
        if (_journal is not null)
        {
            _unwritten.Enqueue(recall);
            WriteWaiting();
        }
    }

    /// <summary>A recall counts from the moment it is in memory. A disk that is full is tried again with the next one, and by the housekeeping.</summary>
    private void WriteWaiting()
    {
        try
        {
            while (_unwritten.TryPeek(out Recall? recall))
            {
                _journal!.Append(Write(recall));
                _unwritten.Dequeue();
                _lines++;
            }
        }
        catch (IOException e)
        {
            Log.RecallNotWritten(_logger, _unwritten.Count, e);
        }
    }

    private void Put(Recall recall)
    {
        if (recall.IsFloor)
        {
            return;
        }

        if (recall.Lifted)
        {
            _ended[(recall.Tenant, recall.Hash)] = recall;
            _recalls.TryRemove((recall.Tenant, recall.Hash), out _);
        }
        else
        {
            _recalls[(recall.Tenant, recall.Hash)] = recall;
            _ended.TryRemove((recall.Tenant, recall.Hash), out _);
        }
    }
}
