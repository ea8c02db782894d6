namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Up to which hour entries are dead, and up to which none of those is left: readers of a swept table need not look at expiries. Safe for any number of threads.</summary>
/// <remarks>
/// A writer asks <see cref="Dead"/> with the bucket locked, and a sweep says the hour before it looks at the first bucket. So a bucket that the sweep has passed takes no
/// entry of that hour any more, however late the writer's own hour comes.
/// </remarks>
internal sealed class ExpiryHours
{
    private readonly Lock _lock = new();
    private volatile int _dead = -1;
    private volatile int _swept = -1;
    private long _changes;

    /// <summary>Gets the hour up to which entries are dead, whatever hour a writer brings; -1 before the first sweep.</summary>
    public int Dead => _dead;

    /// <summary>Gets the hour up to which no entry is left; -1 if that is not known.</summary>
    public int Swept => _swept;

    /// <summary>Says what time it is.</summary>
    /// <returns>What to give to <see cref="EndPass"/> when all buckets were swept.</returns>
    public long Begin(ushort hour)
    {
        lock (_lock)
        {
            if (hour != _dead)
            {
                // A clock that was set back lets in what expires after the hour that it shows now.
                _swept = Math.Min(_swept, hour);
                _dead = hour;
                _changes++;
                Interlocked.MemoryBarrier();
            }

            return _changes;
        }
    }

    /// <summary>Says that all buckets were swept since <see cref="Begin"/>; counts unless something changed meanwhile.</summary>
    public void EndPass(long begun)
    {
        lock (_lock)
        {
            _swept = begun == _changes ? _dead : _swept;
        }
    }

    /// <summary>Says that entries have come whose expiry nobody looked at.</summary>
    public void Distrust()
    {
        lock (_lock)
        {
            _swept = -1;
            _changes++;
        }
    }
}
