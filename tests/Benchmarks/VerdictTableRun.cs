using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Symantec.Virtualization.Benchmarks;

/// <summary>The verdict table or one of its peers, filled and measured in a process of its own: verdict-table.sh compares them.</summary>
internal static class VerdictTableRun
{
    private const int Batch = 256;
    private const int Queries = 1 << 21;
    private const int WarmUp = 20 * Batch;

    /// <summary>The runtime compiles in the background, and a sweep is one call each round.</summary>
    private const int WarmRounds = 400;

    /// <summary>Gets the time that the process has had of the processors: a machine that others use gives less of it, and the clock would measure them.</summary>
    public static TimeSpan Cpu => Environment.CpuUsage.TotalTime;

    /// <summary>Prints a line for each figure: its name and the number.</summary>
    /// <param name="engine">table, compact, dictionary, bitfaster or faster.</param>
    /// <param name="entries">How many entries; every other one is of generation 0, the others of 1.</param>
    /// <param name="rounds">How often lookups are measured; the median counts.</param>
    public static void Run(string engine, int entries, int rounds)
    {
        VerdictKey[] queries = MakeQueries(entries);
        using (IVerdictStore small = Open(engine, WarmUp))
        {
            Warm(small, queries);
        }

        GC.Collect();
        long before = ResidentBytes();
        using IVerdictStore store = Open(engine, entries);
        TimeSpan started = Cpu;
        for (int i = 0; i < entries; i++)
        {
            store.Add(VerdictKey.Of(i), (byte)(i & 1));
        }

        Print("fill_ns", (Cpu - started).TotalNanoseconds / entries);
        store.Maintain();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Print("bytes_per_entry", (ResidentBytes() - before) / (double)entries);
        Print("lost_percent", 100.0 * (entries - Kept(store, entries)) / entries);
        Print("hits", Lookups(store, queries) / (double)Queries);
        Print("one_thread", Median(rounds, () => PerCpuSecond(store, queries, 1).PerCpuSecond));
        (double perCpu, double wall)[] two = [.. Enumerable.Range(0, rounds).Select(_ => PerCpuSecond(store, queries, 2))];
        Print("two_threads", two.Select(static run => run.perCpu).Order().ElementAt(rounds / 2));
        Print("two_threads_wall", two.Select(static run => run.wall).Order().ElementAt(rounds / 2));
        Print("heap_mb", (GC.GetTotalMemory(forceFullCollection: true) - ((long)Queries * VerdictKey.Size)) / 1e6);
        Print("pause_ms", Pause().TotalMilliseconds);

        long switched = Stopwatch.GetTimestamp();
        store.Retire();
        Print("switch_ms", Stopwatch.GetElapsedTime(switched).TotalMilliseconds);
        started = Cpu;
        double worst = store.Reclaim().TotalMilliseconds;
        Print("reclaim_ms", (Cpu - started).TotalMilliseconds);
        Print("reclaim_slice_ms", worst);
        Print("hits_after", Lookups(store, queries) / (double)Queries);
    }

    private static IVerdictStore Open(string engine, int entries) => engine switch
    {
        "table" => new TableStore(entries, compact: false),
        "compact" => new TableStore(entries, compact: true),
        "dictionary" => new DictionaryStore(entries),
        "bitfaster" => new BitFasterStore(entries),
        "faster" => new FasterStore(entries),
        _ => throw new ArgumentException($"There is no engine \"{engine}\"."),
    };

    /// <summary>Uses everything often enough that the runtime has compiled it well.</summary>
    private static void Warm(IVerdictStore store, VerdictKey[] queries)
    {
        for (int round = 0; round < WarmRounds; round++)
        {
            for (int i = 0; i < WarmUp; i++)
            {
                store.Add(VerdictKey.Of(i), (byte)(i & 1));
            }

            _ = Lookups(store, queries.AsSpan(0, WarmUp));
            store.Reclaim();
        }
    }

    /// <summary>Half of them are keys of the store, in no order, and half are not.</summary>
    private static VerdictKey[] MakeQueries(int entries)
    {
        Random random = new(3);
        VerdictKey[] queries = new VerdictKey[Queries];
        foreach (ref VerdictKey query in queries.AsSpan())
        {
            int number = random.Next(entries);
            query = VerdictKey.Of(random.Next(2) == 0 ? number : ~number);
        }

        return queries;
    }

    /// <summary>Counts which of all entries that were added are there.</summary>
    private static long Kept(IVerdictStore store, int entries)
    {
        using IVerdictReader reader = store.NewReader();
        VerdictKey[] keys = new VerdictKey[Batch];
        long kept = 0;
        for (int first = 0; first < entries; first += Batch)
        {
            int count = Math.Min(Batch, entries - first);
            for (int i = 0; i < count; i++)
            {
                keys[i] = VerdictKey.Of(first + i);
            }

            kept += reader.Find(keys.AsSpan(0, count));
        }

        return kept;
    }

    private static long Lookups(IVerdictStore store, ReadOnlySpan<VerdictKey> queries)
    {
        using IVerdictReader reader = store.NewReader();
        long hits = 0;
        for (int at = 0; at < queries.Length; at += Batch)
        {
            hits += reader.Find(queries.Slice(at, Batch));
        }

        return hits;
    }

    private static (double PerCpuSecond, double PerSecond) PerCpuSecond(IVerdictStore store, VerdictKey[] queries, int threads)
    {
        const int Passes = 4;
        TimeSpan before = Cpu;
        long started = Stopwatch.GetTimestamp();
        Thread[] all = [.. Enumerable.Range(0, threads).Select(index => new Thread(() =>
        {
            int start = queries.Length / threads * index;
            for (int pass = 0; pass < Passes; pass++)
            {
                _ = Lookups(store, queries.AsSpan(start)) + Lookups(store, queries.AsSpan(0, start));
            }
        }))];
        Array.ForEach(all, static thread => thread.Start());
        Array.ForEach(all, static thread => thread.Join());
        double lookups = (double)queries.Length * Passes * threads;
        return (lookups / (Cpu - before).TotalSeconds, lookups / Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>How long a full collection stops the process.</summary>
    private static TimeSpan Pause()
    {
        TimeSpan before = GC.GetTotalPauseDuration();
        GC.Collect(2, GCCollectionMode.Forced, blocking: true);
        return GC.GetTotalPauseDuration() - before;
    }

    private static double Median(int rounds, Func<double> measure) => Enumerable.Range(0, rounds).Select(_ => measure()).Order().ElementAt(rounds / 2);

    private static long ResidentBytes()
    {
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }

    private static void Print(string name, double value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.####}"));
}

/// <summary>A key as the managed peers hold it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct VerdictKey(ulong A, ulong B, ulong C, ulong D)
{
    public const int Size = 32;

    /// <summary>The key of a number: four turns of SplitMix64, so that none is kept for later.</summary>
    public static VerdictKey Of(int number)
    {
        unchecked
        {
            ulong state = (ulong)number * 0xD1342543DE82EF95;
            return new(Next(ref state), Next(ref state), Next(ref state), Next(ref state));
        }
    }

    public override int GetHashCode() => unchecked((int)A);

    private static ulong Next(ref ulong state)
    {
        unchecked
        {
            ulong mixed = state += 0x9E3779B97F4A7C15;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }
}

/// <summary>What the peers keep beside a key.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct VerdictValue(ulong Expiry, byte Generation, byte Lane);
