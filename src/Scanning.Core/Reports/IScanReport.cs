namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Takes down what a scan finds, while it runs.</summary>
/// <remarks>
/// The session calls from one thread at a time: <see cref="Start"/>, then what there is to add, then <see cref="Finish"/>, also of a scan that was
/// cancelled. A report that throws ends the scan: what is not reported did not happen.
/// </remarks>
public interface IScanReport
{
    /// <summary>A scan begins.</summary>
    /// <param name="run">The scan.</param>
    void Start(ScanRun run);

    /// <summary>A content was scanned or skipped.</summary>
    /// <param name="result">How it turned out.</param>
    void Add(ScanResult result);

    /// <summary>Something could not be listed or read.</summary>
    /// <param name="problem">What it is.</param>
    void Add(ScanProblem problem);

    /// <summary>The scan ended.</summary>
    /// <param name="summary">What it came to.</param>
    void Finish(ScanSummary summary);
}
