using System.Numerics;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>Measures what asking costs and what scanning costs, so that nobody asks about what is scanned sooner. Safe for concurrent use.</summary>
/// <remarks>
/// Running means: of the round trip of a batch, spread over all contents that were on offer for it, and of the scan time of contents of about the same length (powers of
/// four). The scan time includes hashing, so that in doubt it is asked. One batch in 64 is asked about as a whole, so that both are measured anew.
/// </remarks>
internal sealed class AskingCost
{
    private const int MinSamples = 32;
    private const int ProbeEvery = 64;
    private const double Weight = 1.0 / 16;

    private readonly Lock _lock = new();
    private readonly Mean[] _scans = new Mean[33];
    private Mean _asking;
    private int _batches;

    private struct Mean
    {
        private double _value;
        private int _samples;

        /// <summary>Gets the mean in seconds; not a number until there are enough samples.</summary>
        public readonly double Value => _samples < MinSamples ? double.NaN : _value;

        public void Add(double value)
        {
            _samples = Math.Min(_samples + 1, MinSamples);
            _value += (value - _value) * Math.Max(Weight, 1.0 / _samples);
        }
    }

    /// <summary>Begins a batch.</summary>
    /// <returns><see langword="true"/> if it is to be asked about as a whole.</returns>
    public bool BeginBatch()
    {
        lock (_lock)
        {
            _batches = (_batches + 1) % ProbeEvery;
            return _batches == 0;
        }
    }

    /// <summary>Tells whether a content of a length is scanned sooner than asked about.</summary>
    public bool IsCheaperToScan(long length)
    {
        lock (_lock)
        {
            // Not a number is not less than anything.
            return _scans[ClassOf(length)].Value < _asking.Value;
        }
    }

    /// <summary>A batch was answered.</summary>
    public void Asked(int offered, TimeSpan took)
    {
        lock (_lock)
        {
            _asking.Add(took.TotalSeconds / offered);
        }
    }

    /// <summary>A content was scanned.</summary>
    public void Scanned(long length, TimeSpan took)
    {
        lock (_lock)
        {
            _scans[ClassOf(length)].Add(took.TotalSeconds);
        }
    }

    private static int ClassOf(long length) => length <= 0 ? 0 : 1 + (BitOperations.Log2((ulong)length) / 2);
}
