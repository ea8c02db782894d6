using System.Collections.Concurrent;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>The half that reads.</content>
internal sealed partial class Replicator
{
    /// <summary>Also when nothing went wrong: what was lost where nobody could see it comes back so.</summary>
    private static readonly TimeSpan CompareInterval = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(string Tenant, string Client), SharedRetraction> _retractions = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _lastRetractions = new();
    private readonly ConcurrentDictionary<string, SharedDefinitions> _decided = new();
    private readonly DateTimeOffset[] _lastTold = new DateTimeOffset[Enum.GetValues<Refusal>().Length];
    private string? _position;
    private long _ownSeen;
    private bool _isReadingAgain;

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        Backoff backoff = new(_server.Store.Clock.Time);
        DateTimeOffset compare = DateTimeOffset.MinValue;
        bool isAway = false;
        while (true)
        {
            try
            {
                if (Now >= compare)
                {
                    // First of all what takes verdicts away; only then what makes some.
                    await CompareKeptAsync(cancellationToken).ConfigureAwait(false);
                    compare = Now + CompareInterval;
                }

                long written = Volatile.Read(ref _written);
                SharedLogPage page = await _log.ReadAsync(_position, Now - _options.CatchUp, cancellationToken).ConfigureAwait(false);
                foreach (ReadOnlyMemory<byte> entry in page.Entries)
                {
                    await TakeAsync(entry, cancellationToken).ConfigureAwait(false);
                }

                Volatile.Write(ref _position, page.Last ?? _position);
                backoff.Reset();
                if (isAway && !IsHolding)
                {
                    isAway = false;
                    Log.SharedLogIsBack(_logger, _log.Name);
                }

                if (page.IsEnd)
                {
                    _isReadingAgain = false;
                    ReleaseHeld();
                    if (_ownSeen < written)
                    {
                        compare = ReadAgain();
                    }

                    await Task.Delay(_options.PollInterval, _server.Store.Clock.Time, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (IOException e)
            {
                compare = DateTimeOffset.MinValue;
                if (!isAway)
                {
                    isAway = true;
                    Log.SharedLogIsAway(_logger, _log.Name, e);
                }

                await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What this server has written is not there: the log was lost and begun anew, or another took its place. What there is now is read from its beginning.</summary>
    private DateTimeOffset ReadAgain()
    {
        if (_position is not null)
        {
            Log.SharedLogWasLost(_logger, _log.Name);
        }

        _ownSeen = Volatile.Read(ref _written);
        Volatile.Write(ref _position, null);
        _isReadingAgain = true;
        return DateTimeOffset.MinValue;
    }

    private async Task TakeAsync(ReadOnlyMemory<byte> entry, CancellationToken cancellationToken)
    {
        if (!_seal.TryOpen(entry, out EntryHeader header, out ReadOnlyMemory<byte> payload))
        {
            Refuse(Refusal.Forged);
            return;
        }

        if (header.Server == _self)
        {
            if (header.Counter > _ownSeen)
            {
                _ownSeen = header.Counter;
                _lag.PulseCameBack(header.Time);
            }

            return;
        }

        EntryAge age = _guard.Judge(header, Now);
        switch (age)
        {
            case EntryAge.Replayed when _isReadingAgain:
                return;
            case EntryAge.Replayed:
                Refuse(Refusal.Replayed);
                return;
            case EntryAge.TooOld:
                Refuse(Refusal.TooOld);
                return;
            case EntryAge.TooNew:
                Refuse(Refusal.TooNew);
                return;
            case EntryAge.AfterGap:
                Log.EntriesAreMissing(_logger, _log.Name, header.Server);
                await CompareKeptAsync(cancellationToken).ConfigureAwait(false);
                break;
            default:
                break;
        }

        await ApplyAsync(header, payload, cancellationToken).ConfigureAwait(false);
        _guard.Take(header, Now);
    }

    /// <summary>Votes that were kept while this server was behind count now, and are shared.</summary>
    private void ReleaseHeld()
    {
        while (!IsHolding && _held.TryTake(out HeldVotes.Batch? batch))
        {
            byte[] keys = WithoutRecalled(batch!.Client.Tenant, batch.Keys, batch.Time);
            lock (_counting)
            {
                if (keys.Length > 0 && !IsRetracted(batch.Client.Tenant, NameOf(batch.Client), batch.Time))
                {
                    byte[] verdicts = CleanVerdicts(keys);
                    _server.Vote(batch.Client, batch.Holder, batch.Header with { Count = verdicts.Length }, keys, verdicts);
                }
            }
        }
    }

    /// <summary>Counts a refused entry. Whoever can write to the log can write very many, so each reason is told once a minute.</summary>
    private void Refuse(Refusal why)
    {
        Counters.AddRefused(why);
        if (Now - _lastTold[(int)why] >= TimeSpan.FromMinutes(1))
        {
            _lastTold[(int)why] = Now;
            Log.EntryRefused(_logger, _log.Name, why, Counters.Refused(why));
        }
    }

    private bool IsRetracted(string tenant, string client, DateTimeOffset time)
        => _retractions.TryGetValue((tenant, client), out SharedRetraction? retraction) && time <= retraction.Until;
}
