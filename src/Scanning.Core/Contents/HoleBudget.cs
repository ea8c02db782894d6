namespace Symantec.Virtualization.Scanning.Core;

/// <summary>How many bytes of holes may still be handed on as zeros for the contents of one source. Safe for concurrent use.</summary>
/// <remarks>
/// A hole costs its maker nothing and whoever hashes it the time of as many bytes. The bounds are no part of what the source claims of itself: a sparse image
/// claims any size as cheaply.
/// </remarks>
internal sealed class HoleBudget(ScanLimits limits)
{
    private readonly Lock _lock = new();
    private long _taken;

    /// <summary>Takes a hole that is about to be handed on.</summary>
    /// <param name="bytes">Its length.</param>
    /// <param name="ofContent">The holes of the content so far, this one included.</param>
    /// <exception cref="ScanLimitException">A bound is reached.</exception>
    public void Take(long bytes, long ofContent)
    {
        Check(ofContent, limits.MaxHoleLength);
        lock (_lock)
        {
            long taken = ByteTotal.Add(_taken, bytes);
            if (taken > limits.MaxTotalHoleLength)
            {
                throw new ScanLimitException($"its image has more than the {limits.MaxTotalHoleLength:N0} bytes of holes that are hashed of one (maxTotalHoleLength)");
            }

            _taken = taken;
        }
    }

    /// <summary>Checks the holes of one content against their bound.</summary>
    /// <exception cref="ScanLimitException">They are more.</exception>
    public static void Check(long ofContent, long limit)
    {
        if (ofContent > limit)
        {
            throw new ScanLimitException($"it has more than the {limit:N0} bytes of holes that are hashed of one file (maxHoleLength)");
        }
    }
}
