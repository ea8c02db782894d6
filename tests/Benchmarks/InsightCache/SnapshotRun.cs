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

    public static void Run(int entries, string folder)
    {
        string path = Path.Combine(folder, "verdicts.snapshot");
        long memory = (long)(entries / 0.95 / 15 * 576 / 0.9);
        using (CacheServerOf server = new(folder, memory))
        {
            server.Fill(entries);
            Print("entries", server.Server.Store.Table.Count);
            Print("snapshot_ms", Time(() => server.Server.TryWriteSnapshotAsync(CancellationToken.None).GetAwaiter().GetResult()));
        }

        Print("bytes", new FileInfo(path).Length);
        byte[] block = new byte[Block];
        Random.Shared.NextBytes(block);
        string plain = Path.Combine(folder, "plain");
        Print("raw_write_ms", Time(() => Write(plain, new FileInfo(path).Length, block)));
        Drop();
        Print("raw_read_ms", Time(() => Read(plain, block)));
        Drop();
        CacheServerOf? restored = null;
        Print("restore_ms", Time(() => restored = new CacheServerOf(folder, memory)));
        Print("restored", restored!.Server.Store.Table.Count);
        restored.Dispose();
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
            Server.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
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
