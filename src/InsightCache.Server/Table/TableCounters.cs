namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Why an entry left the table, or how one came.</summary>
internal enum TableEvent
{
    /// <summary>A key was added.</summary>
    Added,

    /// <summary>An entry was read back from an image.</summary>
    Restored,

    /// <summary>An entry was renewed.</summary>
    Renewed,

    /// <summary>An entry went to make room.</summary>
    EvictedForCapacity,

    /// <summary>An entry went because its expiry had passed.</summary>
    Expired,

    /// <summary>An entry went because its generation is not alive.</summary>
    Retired,

    /// <summary>An entry went because someone asked for it.</summary>
    Removed,

    /// <summary>An entry moved to its other bucket to make room.</summary>
    Relocated,
}

/// <summary>How often each event happened since the table was made. Safe for any number of threads; exact when no writer runs.</summary>
/// <remarks>Counted in stripes by processor, 128 bytes apart (two lines, since processors fetch them in pairs), so that writers do not wait for each other's line.</remarks>
internal sealed class TableCounters
{
    /// <summary>How many kinds of events there are.</summary>
    public const int Events = (int)TableEvent.Relocated + 1;

    private const int Stride = 16;

    private readonly long[] _counts;
    private readonly int _mask;

    public TableCounters()
    {
        int stripes = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, 64));
        _counts = new long[(stripes + 1) * Stride];
        _mask = stripes - 1;
    }

    /// <summary>Gets how many entries there are.</summary>
    public long Occupied => this[TableEvent.Added] + this[TableEvent.Restored]
        - this[TableEvent.EvictedForCapacity] - this[TableEvent.Expired] - this[TableEvent.Retired] - this[TableEvent.Removed];

    /// <summary>Gets how often an event happened.</summary>
    public long this[TableEvent what]
    {
        get
        {
            long sum = 0;
            for (int at = Stride + (int)what; at < _counts.Length; at += Stride)
            {
                sum += Volatile.Read(ref _counts[at]);
            }

            return sum;
        }
    }

    /// <summary>Counts an event.</summary>
    public void Count(TableEvent what, long times = 1)
        => Interlocked.Add(ref _counts[(((Thread.GetCurrentProcessorId() & _mask) + 1) * Stride) + (int)what], times);

    /// <summary>Counts events of all kinds.</summary>
    public void Count(ReadOnlySpan<long> times)
    {
        for (int what = 0; what < times.Length; what++)
        {
            if (times[what] != 0)
            {
                Count((TableEvent)what, times[what]);
            }
        }
    }
}
