using System.Diagnostics.Metrics;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>The measurements of scans: meter <c>Symantec.Virtualization.Scanning</c>.</summary>
internal sealed class ScanMetrics
{
    private readonly Counter<long> _contents;
    private readonly Counter<long> _bytes;
    private readonly Histogram<double> _duration;

    public ScanMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create("Symantec.Virtualization.Scanning");
        _contents = meter.CreateCounter<long>("scan.contents", "{content}", "Contents that were scanned or skipped.");
        _bytes = meter.CreateCounter<long>("scan.stored", "By", "Bytes that are stored for those contents.");
        _duration = meter.CreateHistogram<double>("scan.content.duration", "s", "Time to hash and scan one content.");
    }

    public void Add(ScanResult result)
    {
        KeyValuePair<string, object?> disposition = new("disposition", result.Disposition.ToString());
        KeyValuePair<string, object?> verdict = new("verdict", result.Verdict?.Kind.ToString() ?? "none");
        _contents.Add(1, disposition, verdict);
        _bytes.Add(result.StoredLength, disposition);
        if (result.Disposition == Disposition.Scanned)
        {
            _duration.Record(result.Elapsed.TotalSeconds);
        }
    }
}
