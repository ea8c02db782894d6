using BitFaster.Caching.Lru;

namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>What the extents of one disk keep together, so that memory does not grow with their number. Safe for concurrent use.</summary>
/// <param name="grainBytes">How much inflated data may be kept.</param>
internal sealed class ExtentCaches(long grainBytes)
{
    /// <summary>The entries of a page: one of VMware's tables.</summary>
    public const int EntriesPerPage = 512;

    /// <summary>2 MiB of tables: they map 32 GiB.</summary>
    private const int CachedPages = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, GrainCache> _grains = [];
    private int _extents;

    /// <summary>Gets pages of tables, by the extent, the table and the page in it; a table that is missing as a whole is an empty page.</summary>
    public ConcurrentLru<(int Extent, long Table, int Page), uint[]> Pages { get; } = new(CachedPages);

    /// <summary>Gives a new extent its number.</summary>
    public int NextExtent() => Interlocked.Increment(ref _extents);

    /// <summary>Finds the cache for grains of a size. The first size gets the room; disks of several sizes are made by hand, and get the least for the others.</summary>
    public GrainCache GrainsOf(int grainSize)
    {
        lock (_lock)
        {
            if (!_grains.TryGetValue(grainSize, out GrainCache? cache))
            {
                cache = new GrainCache(grainSize, _grains.Count == 0 ? grainBytes : 0);
                _grains.Add(grainSize, cache);
            }

            return cache;
        }
    }
}
