using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.InsightCache.Server;

namespace Symantec.Virtualization.Benchmarks.InsightCache;

/// <summary>A snapshot of a full table, written and read back, next to writing and reading the same bytes alone.</summary>
internal static class SnapshotRun
{
    private const int Block = 8 << 20;

    /// <summary>How often each is done; the best counts. The system takes its time to find memory for a file's first bytes, which whoever comes first would pay.</summary>
    private const int Rounds = 5;

    public static void Run(int entries, string folder)
    {
        string path = Path.Combine(folder, "verdicts.snapshot");
        string plain = Path.Combine(folder, "plain");
        byte[] block = new byte[Block];
        Random.Shared.NextBytes(block);
        long memory = (long)(entries / 0.95 / 15 * 576 / 0.9);
        double[] raw = new double[Rounds];
        double[] own = new double[Rounds];
        using (CacheServerOf server = new(folder, memory))
        {
            server.Fill(entries);
            Print("entries", server.Server.Store.Table.Count);
            for (int i = 0; i < Rounds; i++)
            {
                // Both to a new file, since a snapshot is one, while the table has its memory.
                File.Delete(path);
                own[i] = Time(() => server.Server.TryWriteSnapshotAsync(CancellationToken.None).GetAwaiter().GetResult());
                File.Delete(plain);
                raw[i] = Time(() => Write(plain, new FileInfo(path).Length, block));
            }
        }

        Print("snapshot_ms", own.Min());
        Print("bytes", new FileInfo(path).Length);
        Print("raw_write_ms", raw.Min());
        for (int i = 0; i < Rounds; i++)
        {
            Drop();
            raw[i] = Time(() => Read(plain, block));
            Drop();
            CacheServerOf? restored = null;
            own[i] = Time(() => restored = new CacheServerOf(folder, memory));
            if (i == 0)
            {
                Print("restored", restored!.Server.Store.Table.Count);
            }

            // It writes a snapshot only when it is stopped.
            restored!.Dispose();
        }

        Print("raw_read_ms", raw.Min());
        Print("restore_ms", own.Min());
        Print("first_restore_ms", own[0]);

        // A table of another size takes the entries one by one.
        double portable = double.MaxValue;
        double portableCpu = double.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            CacheServerOf? other = null;
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            portable = Math.Min(portable, Time(() => other = new CacheServerOf(folder, memory + (memory / 50))));
            portableCpu = Math.Min(portableCpu, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds);
            Print("portable_restored", other!.Server.Store.Table.Count);
            other.Dispose();
        }

        Print("portable_ms", portable);
        Print("portable_per_second", entries / portable * 1000);
        Print("portable_per_cpu_second", entries / portableCpu * 1000);
    }

    /// <summary>Has the system forget what it holds of files, so that both are read from the disk.</summary>
    private static void Drop()
    {
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "1");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine("Files stay in memory: " + e.Message);
        }
    }

    private static void Write(string path, long length, byte[] block)
    {
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (long left = length; left > 0; left -= Block)
        {
            file.Write(block.AsSpan(0, (int)Math.Min(left, Block)));
        }

        file.Flush(flushToDisk: true);
    }

    private static void Read(string path, byte[] block)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        while (file.Read(block) > 0)
        {
            // Reading is all.
        }
    }

    private static double Time(Action work)
    {
        long started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static void Print(string name, double value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:R}"));

    /// <summary>A server without its wire.</summary>
    private sealed class CacheServerOf : IDisposable
    {
        public CacheServerOf(string folder, long memory)
        {
            InsightCacheServerOptions options = new() { DataFolder = folder, Memory = memory.ToString(CultureInfo.InvariantCulture) };
            Server = new CacheServer(Options.Create(options), Options.Create(new AccessOptions()), TimeProvider.System, NullLogger<CacheServer>.Instance);
            Server.StartingAsync(CancellationToken.None).GetAwaiter().GetResult();
        }

        public CacheServer Server { get; }

        public void Fill(int entries)
        {
            Server.SetDefinitions("default", LoadRequests.Definitions);
            Lane lane = Server.Store.Lanes.Lanes.Single();
            ushort hour = Server.Store.Clock.Hour;
            for (int i = 0; i < entries; i++)
            {
                VerdictKey key = VerdictKey.Of(i);
                Server.Store.Table.Add(MemoryMarshal.AsBytes(new ReadOnlySpan<VerdictKey>(in key)), lane.Index, lane.Generations[0].Index, (ushort)(hour + 100), hour);
            }
        }

        public void Dispose() => Server.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
