using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>The half that writes.</content>
internal sealed partial class Replicator
{
    /// <summary>Entries that go at once.</summary>
    private const int MaxBatch = 256;

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
            List<SharedEntry> batch = Seal(_outbox.Take(MaxBatch));
            while (batch.Count > 0)
            {
                try
                {
                    await _log.AppendAsync(batch, cancellationToken).ConfigureAwait(false);
                    Counters.AddPublished(batch.Count);
                    Volatile.Write(ref _written, _counter);
                    backoff.Reset();
                    break;
                }
                catch (IOException)
                {
                    // The log may have taken it. It is sent again as it is, counters and all, so that nobody applies it twice; the half that reads tells of the outage.
                    await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);

                    // What was recalled meanwhile comes with it: others that hear of this server again may rely on knowing its recalls.
                    batch.AddRange(Seal(_outbox.TakeStates(MaxBatch)));
                }
            }
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
