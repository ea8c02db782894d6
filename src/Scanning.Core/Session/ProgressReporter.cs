namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Tells at an even interval how far a scan has come.</summary>
internal sealed class ProgressReporter : IDisposable
{
    private readonly IProgress<ScanProgress>? _progress;
    private readonly ScanCounters _counters;
    private readonly IReadOnlyList<IScanSource> _sources;
    private readonly ITimer? _timer;

    public ProgressReporter(ScanSessionOptions options, ScanCounters counters, IReadOnlyList<IScanSource> sources, TimeProvider time)
    {
        _progress = options.Progress;
        _counters = counters;
        _sources = sources;
        _timer = _progress is null ? null : time.CreateTimer(_ => Report(), null, options.ProgressInterval, options.ProgressInterval);
    }

    public void Report() => _progress?.Report(_counters.Progress(TotalBytes()));

    public void Dispose() => _timer?.Dispose();

    private long? TotalBytes()
    {
        long total = 0;
        foreach (IScanSource source in _sources)
        {
            if (source.StoredBytes is not { } bytes)
            {
                return null;
            }

            total = ByteTotal.Add(total, bytes);
        }

        return total;
    }
}
