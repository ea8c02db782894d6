using System.Collections.Concurrent;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Counts what a scan has done, while it runs. Safe for concurrent use.</summary>
internal sealed class ScanCounters(TimeProvider time)
{
    private readonly ConcurrentDictionary<ScanJob, byte> _current = new();
    private readonly long _start = time.GetTimestamp();
    private long _contents;
    private long _bytes;
    private long _infected;
    private long _problems;

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>A content is being read from now on.</summary>
    public void Start(ScanJob job) => _current.TryAdd(job, 0);

    /// <summary>A content is not being read any longer.</summary>
    public void Stop(ScanJob job) => _current.TryRemove(job, out _);

    public void Add(ScanResult result)
    {
        Interlocked.Increment(ref _contents);
        ByteTotal.Add(ref _bytes, result.StoredLength);
        if (result.Verdict is { Kind: VerdictKind.Infected })
        {
            Interlocked.Increment(ref _infected);
        }
        else if (result.IsNotable)
        {
            Interlocked.Increment(ref _problems);
        }
    }

    public void AddProblem() => Interlocked.Increment(ref _problems);

    public ScanProgress Progress(long? totalBytes)
    {
        long reading = 0;
        string current = "";
        foreach (ScanJob job in _current.Keys)
        {
            reading = ByteTotal.Add(reading, Math.Min(job.Reached, job.StoredLength));
            current = job.Location;
        }

        return new ScanProgress
        {
            Contents = Volatile.Read(ref _contents),
            Bytes = ByteTotal.Add(Volatile.Read(ref _bytes), reading),
            TotalBytes = totalBytes,
            Infected = Volatile.Read(ref _infected),
            Problems = Volatile.Read(ref _problems),
            Current = current,
            Elapsed = Elapsed,
        };
    }
}
