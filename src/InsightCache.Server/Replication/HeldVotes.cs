using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Votes that came while this server may have missed a recall; they count once it has caught up. Safe for concurrent use.</summary>
internal sealed class HeldVotes
{
    /// <summary>8 MiB of hashes.</summary>
    private const int MaxContents = 1 << 18;

    private readonly Lock _lock = new();
    private readonly Queue<Batch> _batches = new();
    private int _contents;

    /// <summary>Votes of a client for contents.</summary>
    internal sealed record Batch(ClientIdentity Client, uint Holder, FrameHeader Header, byte[] Keys, DateTimeOffset Time);

    public int Contents => Volatile.Read(ref _contents);

    /// <returns><see langword="false"/> if there is no room; the contents are scanned once more.</returns>
    public bool TryAdd(Batch batch)
    {
        lock (_lock)
        {
            int count = batch.Keys.Length / ContentHash.Size;
            if (_contents + count > MaxContents)
            {
                return false;
            }

            _batches.Enqueue(batch);
            _contents += count;
            return true;
        }
    }

    public bool TryTake(out Batch? batch)
    {
        lock (_lock)
        {
            bool isTaken = _batches.TryDequeue(out batch);
            _contents -= isTaken ? batch!.Keys.Length / ContentHash.Size : 0;
            return isTaken;
        }
    }
}
