using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>Has what was scanned so far put on the disk now and then.</summary>
internal sealed class CheckpointReport(TimeSpan interval, TimeProvider time, Action save) : ISealSink
{
    private long _saved = time.GetTimestamp();

    public void Start(ScanRun run)
    {
    }

    public void Add(ScanResult result)
    {
        if (time.GetElapsedTime(_saved) > interval)
        {
            save();
            _saved = time.GetTimestamp();
        }
    }

    public void Add(ScanProblem problem)
    {
    }

    public void Finish(ScanSummary summary)
    {
    }
}
