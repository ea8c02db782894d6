using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;
using BitFaster.Caching.Lru;
using FASTER.core;
using Symantec.Virtualization.InsightCache.Server;

namespace Symantec.Virtualization.Benchmarks;

/// <summary>A store of verdicts as the benchmark sees it.</summary>
internal interface IVerdictStore : IDisposable
{
    void Add(in VerdictKey key, byte generation);

    IVerdictReader NewReader();

    /// <summary>Does what the store does in the background, all of it at once.</summary>
    void Maintain();

    /// <summary>Lets generation 0 die.</summary>
    void Retire();

    /// <summary>Takes the dead entries out.</summary>
    /// <returns>The longest that a slice of it took.</returns>
    TimeSpan Reclaim();
}

/// <summary>What one thread looks up with.</summary>
internal interface IVerdictReader : IDisposable
{
    /// <summary>Counts how many of the keys have an entry.</summary>
    int Find(ReadOnlySpan<VerdictKey> keys);
}

/// <summary>The verdict table at 95 % of its slots.</summary>
internal sealed class TableStore(int entries, bool compact) : IVerdictStore, IVerdictReader
{
    private readonly VerdictTable _table = Make(entries, compact);

    public void Add(in VerdictKey key, byte generation)
        => _table.Add(MemoryMarshal.AsBytes(new ReadOnlySpan<VerdictKey>(in key)), 0, generation, ushort.MaxValue, 0);

    public IVerdictReader NewReader() => this;

    public int Find(ReadOnlySpan<VerdictKey> keys)
    {
        Span<byte> found = stackalloc byte[32];
        _table.Find(MemoryMarshal.AsBytes(keys), new AcceptedGenerations(0, 0, 1, 1), 0, found, default, default);
        int hits = 0;
        foreach (ulong bits in MemoryMarshal.Cast<byte, ulong>(found))
        {
            hits += BitOperations.PopCount(bits);
        }

        return hits;
    }

    public void Retire() => _table.SetAlive(0, 0, false);

    /// <summary>What a server does at the beginning of each hour, slice by slice.</summary>
    public void Maintain() => _ = Reclaim();

    public TimeSpan Reclaim()
    {
        TimeSpan worst = default;
        SweepPosition position = default;
        do
        {
            TimeSpan started = VerdictTableRun.Cpu;
            _ = _table.Sweep(ref position, VerdictTable.SliceBuckets, 0);
            TimeSpan took = VerdictTableRun.Cpu - started;
            worst = took > worst ? took : worst;
        }
        while (position.Bucket != 0);
        return worst;
    }

    // A reader is the store itself, and is disposed more than once.
    void IDisposable.Dispose()
    {
    }

    private static VerdictTable Make(int entries, bool compact)
    {
        double slot = compact ? (double)CompactKeys.BucketSize / CompactKeys.Ways : (double)FullKeys.BucketSize / FullKeys.Ways;
        VerdictTable table = VerdictTable.Create((long)(entries / 0.95 * slot) + 4096, TableSecret.Create(), compact);
        table.SetAlive(0, 0, true);
        table.SetAlive(0, 1, true);
        return table;
    }
}

/// <summary>The dictionary of the runtime, made as large as it will be.</summary>
internal sealed class DictionaryStore(int entries) : IVerdictStore, IVerdictReader
{
    private readonly ConcurrentDictionary<VerdictKey, VerdictValue> _entries = new(Environment.ProcessorCount, entries);

    public void Add(in VerdictKey key, byte generation) => _entries[key] = new(1, generation, 0);

    public IVerdictReader NewReader() => this;

    public int Find(ReadOnlySpan<VerdictKey> keys)
    {
        int hits = 0;
        foreach (ref readonly VerdictKey key in keys)
        {
            hits += _entries.TryGetValue(key, out _) ? 1 : 0;
        }

        return hits;
    }

    public void Maintain()
    {
    }

    public void Retire()
    {
    }

    public TimeSpan Reclaim()
    {
        foreach (KeyValuePair<VerdictKey, VerdictValue> entry in _entries)
        {
            if (entry.Value.Generation == 0)
            {
                _entries.TryRemove(entry);
            }
        }

        return default;
    }

    public void Dispose()
    {
    }
}

/// <summary>The usual cache library.</summary>
internal sealed class BitFasterStore(int entries) : IVerdictStore, IVerdictReader
{
    private readonly ConcurrentLru<VerdictKey, VerdictValue> _entries = new(Environment.ProcessorCount, entries + (entries / 10), EqualityComparer<VerdictKey>.Default);

    public void Add(in VerdictKey key, byte generation) => _entries.AddOrUpdate(key, new(1, generation, 0));

    public IVerdictReader NewReader() => this;

    public int Find(ReadOnlySpan<VerdictKey> keys)
    {
        int hits = 0;
        foreach (ref readonly VerdictKey key in keys)
        {
            hits += _entries.TryGet(key, out _) ? 1 : 0;
        }

        return hits;
    }

    public void Maintain()
    {
    }

    public void Retire()
    {
    }

    public TimeSpan Reclaim() => default;

    public void Dispose()
    {
    }
}

/// <summary>The hash log of Microsoft Research, all of it in memory.</summary>
internal sealed class FasterStore : IVerdictStore
{
    private readonly FasterKV<VerdictKey, VerdictValue> _store;
    private readonly ClientSession<VerdictKey, VerdictValue, VerdictValue, VerdictValue, Empty, SimpleFunctions<VerdictKey, VerdictValue>> _writer;

    public FasterStore(int entries)
    {
        // 56 bytes a record, and a line of seven index entries for four records or more.
        const int Page = 1 << 22;
        long memory = Math.Max((long)BitOperations.RoundUpToPowerOf2((ulong)entries * 60), 4 * Page);
        _store = new(new FasterKVSettings<VerdictKey, VerdictValue>(null)
        {
            IndexSize = (long)BitOperations.RoundUpToPowerOf2((ulong)entries * 8),
            MemorySize = memory,
            PageSize = Page,
            EqualityComparer = new Comparer(),
            MutableFraction = 0.9,
        });
        _writer = _store.For(new SimpleFunctions<VerdictKey, VerdictValue>()).NewSession<SimpleFunctions<VerdictKey, VerdictValue>>();
    }

    public void Add(in VerdictKey key, byte generation)
    {
        VerdictKey mine = key;
        VerdictValue value = new(1, generation, 0);
        _ = _writer.Upsert(ref mine, ref value);
    }

    public IVerdictReader NewReader() => new Reader(_store);

    public void Maintain()
    {
    }

    public void Retire()
    {
    }

    public TimeSpan Reclaim() => default;

    public void Dispose()
    {
        _writer.Dispose();
        _store.Dispose();
    }

    private sealed class Reader(FasterKV<VerdictKey, VerdictValue> store) : IVerdictReader
    {
        private readonly ClientSession<VerdictKey, VerdictValue, VerdictValue, VerdictValue, Empty, SimpleFunctions<VerdictKey, VerdictValue>> _session
            = store.For(new SimpleFunctions<VerdictKey, VerdictValue>()).NewSession<SimpleFunctions<VerdictKey, VerdictValue>>();

        public int Find(ReadOnlySpan<VerdictKey> keys)
        {
            int hits = 0;
            foreach (ref readonly VerdictKey key in keys)
            {
                VerdictKey mine = key;
                VerdictValue value = default;
                hits += _session.Read(ref mine, ref value).Found ? 1 : 0;
            }

            return hits;
        }

        public void Dispose() => _session.Dispose();
    }

    private sealed class Comparer : IFasterEqualityComparer<VerdictKey>
    {
        public long GetHashCode64(ref VerdictKey key) => unchecked((long)key.A);

        public bool Equals(ref VerdictKey one, ref VerdictKey other) => one == other;
    }
}
