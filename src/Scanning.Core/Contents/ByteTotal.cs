namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Adds up lengths that somebody hostile may have chosen.</summary>
/// <remarks>
/// A few sparse files can claim more bytes together than a number holds. A sum then stays at <see cref="long.MaxValue"/>, as sums of lengths are for people and
/// for progress; a scan must not die of one.
/// </remarks>
public static class ByteTotal
{
    /// <summary>Adds a length to a sum.</summary>
    /// <param name="total">The sum so far, from 0.</param>
    /// <param name="bytes">The length; one below 0 counts as 0.</param>
    /// <returns>The sum, at most <see cref="long.MaxValue"/>.</returns>
    public static long Add(long total, long bytes) => bytes <= 0 ? total : total > long.MaxValue - bytes ? long.MaxValue : total + bytes;

    /// <summary>Adds a length to a sum that other threads add to as well.</summary>
    /// <param name="total">The sum.</param>
    /// <param name="bytes">The length; one below 0 counts as 0.</param>
    public static void Add(ref long total, long bytes)
    {
        long seen = Volatile.Read(ref total);
        for (long before; (before = Interlocked.CompareExchange(ref total, Add(seen, bytes), seen)) != seen;)
        {
            seen = before;
        }
    }
}
