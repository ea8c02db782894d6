using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What waits for the shared log. Recalls and definitions go first, the last state of each; votes are bounded. Safe for concurrent use by many writers and one reader.</summary>
/// <param name="capacity">How many batches of votes may wait.</param>
internal sealed class Outbox(int capacity)
{
    private readonly ConcurrentDictionary<string, OutgoingEntry> _kept = new();
    private readonly Channel<OutgoingEntry> _others = Channel.CreateBounded<OutgoingEntry>(new BoundedChannelOptions(capacity) { SingleReader = true });
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Gets how many entries wait.</summary>
    public int Count => _kept.Count + _others.Reader.Count;

    /// <summary>Adds a state, in place of an earlier one of the same name. There are no more of them than the server itself keeps.</summary>
    public void Put(string name, EntryKind kind, byte[] payload, DateTimeOffset time)
    {
        _kept[name] = new OutgoingEntry(kind, payload, time, name);
        Wake();
    }

    /// <summary>Adds what nobody misses for long.</summary>
    /// <returns><see langword="false"/> if there is no room.</returns>
    public bool TryAdd(EntryKind kind, byte[] payload, DateTimeOffset time)
    {
        bool isAdded = _others.Writer.TryWrite(new OutgoingEntry(kind, payload, time, KeptAs: null));
        Wake();
        return isAdded;
    }

    /// <summary>Has the reader look, also if nothing waits.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Waits until there may be something.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _wake.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Takes what waits, the most important first.</summary>
    public List<OutgoingEntry> Take(int max)
    {
        List<OutgoingEntry> taken = TakeStates(max);
        while (taken.Count < max && _others.Reader.TryRead(out OutgoingEntry entry))
        {
            taken.Add(entry);
        }

        if (Count > 0)
        {
            Wake();
        }

        return taken;
    }

    /// <summary>Takes the states that wait.</summary>
    public List<OutgoingEntry> TakeStates(int max)
    {
        List<OutgoingEntry> taken = [];
        foreach (KeyValuePair<string, OutgoingEntry> kept in _kept)
        {
            if (taken.Count == max)
            {
                break;
            }

            // A state that is replaced at this moment is taken the next time.
            if (_kept.TryRemove(kept))
            {
                taken.Add(kept.Value);
            }
        }

        return taken;
    }
}

/// <summary>An entry that is not sealed yet. Its time is when it was said, however long it waits: what was taken back since then does not come back with it.</summary>
internal readonly record struct OutgoingEntry(EntryKind Kind, byte[] Payload, DateTimeOffset Time, string? KeptAs);
