using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>The half that writes.</content>
internal sealed partial class Replicator
{
    /// <summary>Entries that go at once.</summary>
    private const int MaxBatch = 256;

    /// <summary>How long a server that ends waits for the log to take its last words.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private List<SharedEntry> _batch = [];
    private long _counter;
    private long _written;
    private int _pulseDue;

    private static byte[] Write<T>(T document, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(document, type);

    private void Put(SharedRecall recall) => _outbox.Put(recall.Name, EntryKind.Recall, Write(recall, EntryJson.Default.SharedRecall), Now);

    private void Put(SharedDefinitions definitions) => _outbox.Put(definitions.Name, EntryKind.Definitions, Write(definitions, EntryJson.Default.SharedDefinitions), Now);

    private void Put(SharedRetraction retraction) => _outbox.Put(retraction.Name, EntryKind.Retraction, Write(retraction, EntryJson.Default.SharedRetraction), Now);

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        using ITimer timer = _server.Store.Clock.Time.CreateTimer(
            _ =>
            {
                Volatile.Write(ref _pulseDue, 1);
                _outbox.Wake();
            },
            null,
            TimeSpan.Zero,
            _pulseInterval);
        Backoff backoff = new(_server.Store.Clock.Time);
        while (true)
        {
            await _outbox.WaitAsync(cancellationToken).ConfigureAwait(false);
            _batch = Seal(_outbox.Take(MaxBatch));
            while (_batch.Count > 0)
            {
                try
                {
                    await _log.AppendAsync(_batch, cancellationToken).ConfigureAwait(false);
                    Counters.AddPublished(_batch.Count);
                    Volatile.Write(ref _written, _counter);
                    _batch = [];
                    backoff.Reset();
                }
                catch (IOException)
                {
                    // The log may have taken it. It is sent again as it is, counters and all, so that nobody applies it twice; the half that reads tells of the outage.
                    await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);

                    // What was recalled meanwhile comes with it: others that hear of this server again may rely on knowing its recalls.
                    _batch.AddRange(Seal(_outbox.TakeStates(MaxBatch)));
                }
            }
        }
    }

    /// <summary>Writes what still waits when the server ends, once: a recall of its last second must not wait for its next start.</summary>
    private async Task PublishLastAsync()
    {
        _batch.AddRange(Seal(_outbox.Take(MaxBatch)));
        if (_batch.Count == 0)
        {
            return;
        }

        try
        {
            using CancellationTokenSource limit = new(LastWords);
            await _log.AppendAsync(_batch, limit.Token).ConfigureAwait(false);
            Counters.AddPublished(_batch.Count);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The journal has the recalls, and the next start puts them back.
        }
    }

    private List<SharedEntry> Seal(List<OutgoingEntry> entries)
    {
        if (Interlocked.Exchange(ref _pulseDue, 0) != 0)
        {
            entries.Add(new OutgoingEntry(EntryKind.Pulse, [], Now, KeptAs: null));
        }

        return [.. entries.Select(entry => new SharedEntry(_seal.Seal(new EntryHeader(entry.Kind, _self, ++_counter, entry.Time), entry.Payload), entry.KeptAs))];
    }
}
