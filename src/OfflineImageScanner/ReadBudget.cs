using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.OfflineImageScanner;

/// <summary>How much may still be read from a volume. Safe for concurrent use.</summary>
/// <remarks>Holes are not read and not counted here; a session counts those that it or an engine hashes (<see cref="ScanLimits"/>).</remarks>
internal sealed class ReadBudget
{
    /// <summary>Small volumes may be read more often than large ones.</summary>
    private const long Free = 1L << 30;

    private readonly long _granted;
    private long _left;

    public ReadBudget(long volumeLength, int maxExpansion)
    {
        _granted = volumeLength <= (long.MaxValue - Free) / maxExpansion ? Free + (volumeLength * maxExpansion) : long.MaxValue;
        _left = _granted;
    }

    /// <summary>Takes bytes that are about to be read.</summary>
    /// <exception cref="ScanLimitException">There are none left.</exception>
    public void Take(int bytes)
    {
        // Callers stop at the first refusal, so the number never comes near its end.
        if (Interlocked.Add(ref _left, -bytes) < 0)
        {
            throw new ScanLimitException($"the files of its volume claim more than the {_granted:N0} bytes that are read from a volume of this size (MaxExpansion)");
        }
    }
}
