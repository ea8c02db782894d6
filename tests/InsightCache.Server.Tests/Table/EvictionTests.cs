using System.Buffers.Binary;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

/// <summary>What evictions cost in hits, on scans of a fleet: clones of four systems with applications of their own and files that nobody shares.</summary>
public class EvictionTests
{
    /// <summary>How many contents more than one client has: 4 systems of 1,000 files and 1,000 applications of 3.</summary>
    private const int Shared = 7000;

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_full_table_keeps_what_is_asked_for_as_S3_FIFO_does_and_better_than_oldest_first(double sizes)
    {
        int capacity = (int)(sizes * Shared);
        using VerdictTable table = Tables.Make((long)capacity * VerdictTable.BucketSize / 15 / 4096 * 4096);

        double ours = HitPercentage(new TableCache(table));
        double s3 = HitPercentage(new S3Fifo(capacity));
        double oldest = HitPercentage(new OldestFirst(capacity));

        string figures = $"table {ours:0.0} %, S3-FIFO {s3:0.0} %, oldest first {oldest:0.0} %";
        Assert.True(ours >= s3 - 1, figures);
        Assert.True(ours >= oldest + 6, figures);
    }

    /// <summary>Two rounds of scans, 50 clients of 300 at a time; the hits of the second round.</summary>
    private static double HitPercentage(ICache cache)
    {
        const int Clients = 300;
        const int Together = 50;
        long hits = 0;
        long asked = 0;
        for (int round = 0; round < 2; round++)
        {
            for (int first = 0; first < Clients; first += Together)
            {
                List<int>[] scans = [.. Enumerable.Range(first, Together).Select(client => FilesOf(client, round))];
                for (int at = 0; at < scans.Max(static scan => scan.Count); at++)
                {
                    foreach (List<int> scan in scans.Where(scan => at < scan.Count))
                    {
                        bool hit = cache.Ask(scan[at]);
                        hits += hit ? round : 0;
                        asked += round;
                    }
                }
            }
        }

        return 100.0 * hits / asked;
    }

    /// <summary>A client's system, 23 applications by their popularity (Zipf, 0.9), and a quarter of its own, of which 15 % change between the rounds.</summary>
    private static List<int> FilesOf(int client, int round)
    {
        Random random = new(client);
        List<int> files = [.. Enumerable.Range(random.Next(4) * 1000, 1000)];
        for (int i = 0; i < 23; i++)
        {
            int app = (int)Math.Pow(random.NextDouble() * Math.Pow(1000, 0.1), 10) % 1000;
            files.AddRange(Enumerable.Range(4000 + (app * 3), 3));
        }

        int own = 10_000 + (client * 1000);
        files.AddRange(Enumerable.Range(0, 356).Select(i => own + (i < 53 ? i + (round * 400) : i)));
        int[] order = [.. files.Distinct()];
        new Random(client + (round * 1000)).Shuffle(order);
        return [.. order];
    }

    private interface ICache
    {
        /// <summary>Tells whether a content is there, and keeps it from now on.</summary>
        bool Ask(int content);
    }

    private sealed class TableCache(VerdictTable table) : ICache
    {
        private readonly byte[] _key = new byte[32];

        public bool Ask(int content)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_key, content);
            return table.Has(_key) || table.Add(_key, 0, 0, Tables.Forever, 0) != AddResult.Added;
        }
    }

    private sealed class OldestFirst(int capacity) : ICache
    {
        private readonly HashSet<int> _kept = [];
        private readonly Queue<int> _order = [];

        public bool Ask(int content)
        {
            if (!_kept.Add(content))
            {
                return true;
            }

            _order.Enqueue(content);
            if (_kept.Count > capacity)
            {
                _kept.Remove(_order.Dequeue());
            }

            return false;
        }
    }

    /// <summary>S3-FIFO of Yang et al., SOSP 2023, algorithm 1: a small queue of a tenth, a main queue, and a ghost queue as long as the main one.</summary>
    private sealed class S3Fifo(int capacity) : ICache
    {
        private readonly Dictionary<int, int> _frequencies = [];
        private readonly Queue<int> _small = [];
        private readonly Queue<int> _main = [];
        private readonly Queue<int> _ghosts = [];
        private readonly HashSet<int> _isGhost = [];

        public bool Ask(int content)
        {
            if (_frequencies.TryGetValue(content, out int frequency))
            {
                _frequencies[content] = Math.Min(frequency + 1, 3);
                return true;
            }

            while (_frequencies.Count >= capacity)
            {
                Evict();
            }

            (_isGhost.Remove(content) ? _main : _small).Enqueue(content);
            _frequencies[content] = 0;
            return false;
        }

        private void Evict()
        {
            if (_small.Count >= capacity / 10 && _small.TryDequeue(out int oldest))
            {
                if (_frequencies[oldest] > 1)
                {
                    _frequencies[oldest] = 0;
                    _main.Enqueue(oldest);
                }
                else
                {
                    _frequencies.Remove(oldest);
                    Remember(oldest);
                }
            }
            else
            {
                oldest = _main.Dequeue();
                if (_frequencies[oldest]-- > 0)
                {
                    _main.Enqueue(oldest);
                }
                else
                {
                    _frequencies.Remove(oldest);
                }
            }
        }

        private void Remember(int content)
        {
            if (_isGhost.Add(content))
            {
                _ghosts.Enqueue(content);
            }

            while (_ghosts.Count > capacity * 9 / 10)
            {
                _isGhost.Remove(_ghosts.Dequeue());
            }
        }
    }
}
