using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.OfflineImageScanner.Tests;

/// <summary>A report that remembers.</summary>
internal sealed class MemoryReport : IScanReport
{
    public List<ScanResult> Results { get; } = [];

    public List<ScanProblem> Problems { get; } = [];

    public void Start(ScanRun run)
    {
    }

    public void Add(ScanResult result) => Results.Add(result);

    public void Add(ScanProblem problem) => Problems.Add(problem);

    public void Finish(ScanSummary summary)
    {
    }
}
