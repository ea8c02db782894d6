using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Tells at an even interval how far a scan has come.</summary>
/// <remarks>What is told is the host's own code, on a thread of a timer: what it throws is logged, and it is told one thing at a time.</remarks>
internal sealed class ProgressReporter : IDisposable
{
    private readonly IProgress<ScanProgress>? _progress;
    private readonly ScanCounters _counters;
    private readonly IReadOnlyList<IScanSource> _sources;
    private readonly ILogger _logger;
    private readonly ITimer? _timer;
    private readonly Lock _telling = new();
    private bool _ended;

    public ProgressReporter(ScanSessionOptions options, ScanCounters counters, IReadOnlyList<IScanSource> sources, TimeProvider time, ILogger logger)
    {
        _progress = options.Progress;
        _counters = counters;
        _sources = sources;
        _logger = logger;
        _timer = _progress is null ? null : time.CreateTimer(_ => Tick(), null, options.ProgressInterval, options.ProgressInterval);
    }

    /// <summary>Tells how it ended; nothing is told afterwards.</summary>
    public void Finish()
    {
        Dispose();
        Tell();
    }

    /// <summary>Waits for what is being told, and tells no more.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        lock (_telling)
        {
            _ended = true;
        }
    }

    private void Tick()
    {
        // Whoever is slower than the interval, or lets time pass itself, is not told twice at once.
        if (_telling.IsHeldByCurrentThread || !_telling.TryEnter())
        {
            return;
        }

        try
        {
            if (!_ended)
            {
                Tell();
            }
        }
        finally
        {
            _telling.Exit();
        }
    }

    private void Tell()
    {
        try
        {
            _progress?.Report(_counters.Progress(TotalBytes()));
        }
        catch (Exception e)
        {
            Log.ProgressFailed(_logger, e);
        }
    }

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
