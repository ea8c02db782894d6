using System.Globalization;
using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using Symantec.Virtualization.InsightCache.Server.Tests.Table;

namespace Symantec.Virtualization.Benchmarks;

/// <summary>What share of a fleet's questions caches of the same number of entries answer: verdict-table.sh compares them.</summary>
internal static class HitRateRun
{
    /// <summary>Prints a line for each cache and size: its name, the size as a share of the contents that clients have in common, and the hits in percent.</summary>
    public static void Run()
    {
        foreach (double size in new[] { 0.5, 1, 2 })
        {
            int capacity = (int)(size * FleetScans.Shared);
            using TableCache table = new(capacity);
            Print("table", size, table);
            Print("s3fifo", size, new S3Fifo(capacity));
            Print("oldest", size, new OldestFirst(capacity));
            Print("lru", size, new BitFasterCache(new ConcurrentLru<int, int>(1, capacity, EqualityComparer<int>.Default)));
            Print("lfu", size, new BitFasterCache(new ConcurrentLfu<int, int>(1, capacity, new BitFaster.Caching.Scheduler.ForegroundScheduler(), EqualityComparer<int>.Default)));
        }
    }

    private static void Print(string name, double size, IContentCache cache)
        => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}-{size} {FleetScans.HitPercentage(cache):0.00}"));

    private sealed class BitFasterCache(BitFaster.Caching.ICache<int, int> cache) : IContentCache
    {
        public bool Ask(int content)
        {
            if (cache.TryGet(content, out _))
            {
                return true;
            }

            cache.AddOrUpdate(content, 0);
            return false;
        }
    }
}
