namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>One way through all buckets of a table, in slices. For one thread at a time; dispose it soon, since a full table forgets a little more while it lasts.</summary>
internal sealed class TablePass(VerdictTable table) : IDisposable
{
    private long _position;
    private bool _disposed;

    /// <summary>Gets whether all buckets were seen.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Gets the bucket at which it goes on; <see langword="null"/> if it is complete.</summary>
    internal long? Position
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return IsComplete ? null : _position;
        }
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            table.EndPass();
        }
    }

    /// <summary>Says where it goes on; nowhere at its end.</summary>
    internal void Reached(long? position) => (_position, IsComplete) = (position ?? 0, position is null);
}
