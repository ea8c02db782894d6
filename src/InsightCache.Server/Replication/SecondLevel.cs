using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Fetches verdicts that this server has no memory for from where several servers keep them. Safe for concurrent use.</summary>
/// <remarks>
/// What is fetched goes into the table before the lookup, so that what a client is told is always decided there: by generation, recalls and leases as they are then.
/// In doubt nothing is fetched: the content is unknown, and is scanned.
/// </remarks>
internal sealed class SecondLevel
{
    private const int MaxWaiting = 65_536;
    private const int MaxBatch = 256;

    private readonly VerdictStore _store;
    private readonly Replicator _replicator;
    private readonly ISharedVerdicts _verdicts;
    private readonly SharedVerdictSeal _seal;
    private readonly TimeSpan _budget;

    /// <summary>How long after a retraction another server may reach a verdict that rests on what is retracted: until it has heard of it, by its own clock.</summary>
    private readonly TimeSpan _hearing;
    private readonly ILogger _logger;
    private readonly CircuitBreaker _breaker;
    private readonly Channel<Change> _changes = Channel.CreateBounded<Change>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });
    private long _hits;
    private long _misses;
    private long _refused;
    private long _failures;

    public SecondLevel(CacheServer server, Replicator replicator, ISharedVerdicts verdicts, ReplicationOptions options, ILogger logger)
    {
        _store = server.Store;
        _replicator = replicator;
        _verdicts = verdicts;
        _seal = new SharedVerdictSeal(options.SecretBytes());
        _budget = options.SecondLevelBudget;
        _hearing = options.MaxLag + options.MaxClockSkew;
        _logger = logger;
        _breaker = new CircuitBreaker(_store.Clock.Time);
        _store.OnClean = Keep;
    }

    /// <summary>Something to be written, or removed where there is no value.</summary>
    private readonly record struct Change(SharedVerdictKey Key, byte[]? Value, DateTimeOffset Expiry);

    public long Hits => Volatile.Read(ref _hits);

    public long Misses => Volatile.Read(ref _misses);

    /// <summary>Gets how many values were tampered with, or are from before a recall or a retraction.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Gets how many contents were not fetched, since there was no answer in time.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Gets a value indicating whether it is not asked for now.</summary>
    public bool IsAway => _breaker.IsOpen;

    /// <summary>Fetches what the table lacks of a batch; never fails, and takes no longer than the budget.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="header">The scope.</param>
    /// <param name="keys">The contents.</param>
    /// <param name="cancellationToken">Ends with the request.</param>
    public async Task FetchAsync(ClientIdentity client, FrameHeader header, ReadOnlyMemory<byte> keys, CancellationToken cancellationToken)
    {
        if (_replicator.IsHolding
            || _store.Misses(client, header, keys.Span, out Lane? lane, out Generation? generation) is not { Count: > 0 } missing
            || !_breaker.TryEnter())
        {
            return;
        }

        byte[] scope = _seal.ScopeOf(lane!, generation!);
        SharedVerdictKey[] wanted = [.. missing.Select(index => SharedVerdictSeal.KeyOf(scope, keys.Span.Slice(index * ContentHash.Size, ContentHash.Size)))];
        ReadOnlyMemory<byte>?[] values;
        try
        {
            using CancellationTokenSource budget = new(_budget, _store.Clock.Time);
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
            values = await _verdicts.ReadAsync(wanted, end.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            Interlocked.Add(ref _failures, wanted.Length);
            if (!cancellationToken.IsCancellationRequested && _breaker.Failed() is { } pause)
            {
                Log.SecondLevelIsAway(_logger, pause.TotalSeconds);
            }

            return;
        }

        _breaker.Succeeded();
        for (int i = 0; i < wanted.Length; i++)
        {
            Take(lane!, generation!, wanted[i], values[i]);
        }
    }

    /// <summary>Has a content's verdicts removed, since it is recalled. What cannot be removed is refused when it is read.</summary>
    public void Forget(Recall recall)
    {
        byte[] content = new byte[ContentHash.Size];
        recall.Hash.CopyTo(content);
        foreach (Lane lane in _store.Lanes.Lanes.Where(lane => lane.Tenant == recall.Tenant))
        {
            foreach (Generation generation in lane.Generations)
            {
                _changes.Writer.TryWrite(new Change(SharedVerdictSeal.KeyOf(_seal.ScopeOf(lane, generation), content), null, default));
            }
        }
    }

    /// <summary>Writes what became clean, until it is told to end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        List<Change> batch = [];
        while (await _changes.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _changes.Reader.TryRead(out Change change))
            {
                batch.Add(change);
            }

            DateTimeOffset now = _store.Clock.Now;
            try
            {
                await _verdicts.RemoveAsync([.. batch.Where(static change => change.Value is null).Select(static change => change.Key)], cancellationToken).ConfigureAwait(false);
                await _verdicts.WriteAsync(
                    [.. batch.Where(change => change.Value is not null && change.Expiry > now).Select(change => new SharedVerdict(change.Key, change.Value, change.Expiry - now))],
                    cancellationToken).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // What is not written is scanned by others once more, and what is not removed is refused when it is read.
                Interlocked.Add(ref _failures, batch.Count);
            }
        }
    }

    private void Keep(Lane lane, Generation generation, ReadOnlySpan<byte> key, ushort expiry, uint second)
    {
        if (_replicator.IsHolding)
        {
            // Reached with votes that others shared long ago, and that may be retracted by now.
            return;
        }

        DateTimeOffset end = _store.Clock.TimeOf(expiry);
        SharedVerdictKey place = SharedVerdictSeal.KeyOf(_seal.ScopeOf(lane, generation), key);
        _changes.Writer.TryWrite(new Change(place, _seal.Seal(place, ServerClock.TimeOf(second), end), end));
    }

    private void Take(Lane lane, Generation generation, SharedVerdictKey key, ReadOnlyMemory<byte>? value)
    {
        if (value is not { } bytes)
        {
            Interlocked.Increment(ref _misses);
            return;
        }

        ReadOnlySpan<byte> content = key.Bytes.Span[^ContentHash.Size..];
        if (!_seal.TryOpen(key, bytes.Span, out DateTimeOffset written, out DateTimeOffset expiry)
            || written <= _store.Recalls.LastChange(lane.Tenant, new ContentHash(content))
            || written - _hearing <= _replicator.LastRetraction(lane.Tenant)
            || !lane.Generations.Contains(generation))
        {
            Interlocked.Increment(ref _refused);
            return;
        }

        Interlocked.Increment(ref _hits);
        _store.Import(content, lane, generation.Index, expiry, out _);
    }
}
