namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>One way through all buckets of a table, in slices. For one thread at a time; dispose it soon, since a full table forgets a little more while it lasts.</summary>
internal sealed class TablePass(VerdictTable table) : IDisposable
{
    private long _position;
    private bool _disposed;

    /// <summary>Gets whether all buckets were seen.</summary>
    public bool IsComplete { get; private set; }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            table.EndPass();
        }
    }

    /// <summary>Sweeps the next buckets.</summary>
    internal long Advance<TRule>(int maxBuckets, ref TRule rule)
        where TRule : struct, ISweepRule
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (IsComplete)
        {
            return 0;
        }

        long removed = table.Sweep(ref _position, maxBuckets, ref rule);
        IsComplete = _position == 0 && maxBuckets > 0;
        return removed;
    }
}
