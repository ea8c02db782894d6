namespace Symantec.Virtualization.Scanning.Core;

/// <summary>What a scan came to.</summary>
public sealed record ScanSummary
{
    /// <summary>Gets the number of contents: files and named streams.</summary>
    public required long Contents { get; init; }

    /// <summary>Gets their lengths together, in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Gets how many of them are infected.</summary>
    public required long Infected { get; init; }

    /// <summary>Gets how many were not scanned to their end.</summary>
    public required long Incomplete { get; init; }

    /// <summary>Gets how many could not be scanned.</summary>
    public required long Failed { get; init; }

    /// <summary>Gets how many were skipped.</summary>
    public required long Skipped { get; init; }

    /// <summary>Gets the number of things that could not be listed or read.</summary>
    public required long Problems { get; init; }

    /// <summary>Gets why contents were scanned or skipped, by whom, and what that cost and saved.</summary>
    public required IReadOnlyList<LedgerLine> Ledger { get; init; }

    /// <summary>Gets the stored bytes that nobody had to read; see <see cref="Core.Ledger.BytesSaved"/>.</summary>
    public long BytesSaved { get; init; }

    /// <summary>Gets the time that skipping saved; see <see cref="Core.Ledger.TimeSaved"/>.</summary>
    public TimeSpan TimeSaved { get; init; }

    /// <summary>Gets the time from the start to the end.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Gets a value indicating whether the scan was ended before it was through.</summary>
    public required bool Cancelled { get; init; }

    /// <summary>Gets a value indicating whether everything was scanned, so that a scan without findings is a clean one.</summary>
    public bool IsComplete => !Cancelled && Incomplete == 0 && Failed == 0 && Problems == 0;
}
