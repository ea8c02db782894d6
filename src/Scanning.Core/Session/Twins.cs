using System.Threading.Channels;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Contents that are put off while this very session scans another of the same hash; they are asked about again when its verdict was told.</summary>
/// <remarks>An exemption that leases contents cannot tell its own session from others, and would have it wait for itself. Safe for concurrent use.</remarks>
internal sealed class Twins
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ContentHash, (int Scanning, List<ScanJob> Waiting)> _scanned = [];
    private readonly Channel<ScanJob> _ready = Channel.CreateUnbounded<ScanJob>();
    private int _waiting;

    /// <summary>Gets the contents whose twins are through.</summary>
    public ChannelReader<ScanJob> Ready => _ready.Reader;

    /// <summary>Gets how many contents wait, those that are ready and not yet taken included.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>A content is going to be scanned; <see cref="Told"/> must follow.</summary>
    public void Scan(ScanJob job)
    {
        if (job.Hash is not { } hash)
        {
            return;
        }

        job.Awaited = hash;
        lock (_lock)
        {
            (int scanning, List<ScanJob> waiting) = _scanned.GetValueOrDefault(hash, (0, []));
            _scanned[hash] = (scanning + 1, waiting);
        }
    }

    /// <summary>Has a content wait for its twin, if there is one.</summary>
    public bool TryWait(ScanJob job)
    {
        lock (_lock)
        {
            if (job.Hash is not { } hash || !_scanned.TryGetValue(hash, out (int Scanning, List<ScanJob> Waiting) twins))
            {
                return false;
            }

            twins.Waiting.Add(job);
            Interlocked.Increment(ref _waiting);
            return true;
        }
    }

    /// <summary>The verdict of a content was told.</summary>
    public void Told(ContentHash hash)
    {
        lock (_lock)
        {
            (int scanning, List<ScanJob> waiting) = _scanned[hash];
            _scanned[hash] = (scanning - 1, waiting);
            if (scanning == 1)
            {
                _scanned.Remove(hash);
                waiting.ForEach(job => _ready.Writer.TryWrite(job));
            }
        }
    }

    /// <summary>Takes a content whose twin is through.</summary>
    public ScanJob? TakeReady()
    {
        if (!_ready.Reader.TryRead(out ScanJob? job))
        {
            return null;
        }

        Interlocked.Decrement(ref _waiting);
        return job;
    }

    /// <summary>Releases whatever waits.</summary>
    public void Drain()
    {
        lock (_lock)
        {
            foreach ((_, List<ScanJob> waiting) in _scanned.Values)
            {
                waiting.ForEach(static job => job.Dispose());
            }

            _scanned.Clear();
        }

        while (TakeReady() is { } job)
        {
            job.Dispose();
        }
    }
}
