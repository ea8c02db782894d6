using System.Diagnostics;
using System.Globalization;

namespace Symantec.Virtualization.Benchmarks.InsightCache;

/// <summary>Fills a server and asks it as fast as it answers; what counts is the processor time that the server needs.</summary>
internal static class CacheLoad
{
    private const int FillBatch = 1024;
    private const int TicksPerSecond = 100;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    /// <summary>Adds the contents 0 to <paramref name="entries"/> - 1.</summary>
    public static void Fill(string protocol, int port, int entries, bool tls)
    {
        using LoadConnection connection = new(port, tls);
        if (protocol is not ("mget" or "memcached"))
        {
            connection.Send(LoadRequests.Post("/v1/definitions", "application/json", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(LoadRequests.Definitions, Symantec.Virtualization.InsightCache.Protocol.InsightCacheJson.Default.DefinitionsDocument), "PUT"));
            connection.Receive("json", 1);
        }

        for (int first = 0; first < entries; first += FillBatch)
        {
            int[] contents = [.. Enumerable.Range(first, Math.Min(FillBatch, entries - first))];
            connection.Send(LoadRequests.Add(protocol, contents));
            connection.Receive(protocol == "memcached" ? "stored" : protocol, contents.Length);
        }
    }

    /// <summary>Asks for contents of which every other one is there, and prints what the server managed for each second that it had of a processor.</summary>
    public static void Run(string protocol, int port, int process, int entries, int batch, int connections, int seconds, bool tls)
    {
        byte[][] requests = Requests(protocol, entries, batch);
        LoadConnection[] open = [.. Enumerable.Range(0, connections).Select(_ => new LoadConnection(port, tls))];
        int next = 0;
        Ask(protocol, open, requests, batch, ref next, WarmUp, latencies: null);
        List<double> latencies = new(1 << 20);
        double cpu = CpuOf(process);
        long started = Stopwatch.GetTimestamp();
        long asked = Ask(protocol, open, requests, batch, ref next, TimeSpan.FromSeconds(seconds), latencies);
        double wall = Stopwatch.GetElapsedTime(started).TotalSeconds;
        cpu = CpuOf(process) - cpu;
        Array.ForEach(open, static connection => connection.Dispose());
        latencies.Sort();
        Print("per_cpu_second", asked / cpu);
        Print("per_second", asked / wall);
        Print("p50_us", latencies[latencies.Count / 2]);
        Print("p99_us", latencies[(int)(latencies.Count * 0.99)]);
        Print("max_us", latencies[^1]);
    }

    /// <summary>Opens connections that ask once and then say nothing, and prints what the server's memory grew by for each.</summary>
    public static void Idle(int port, int process, int connections, bool tls)
    {
        byte[] request = LoadRequests.Ask("frame", [.. Enumerable.Range(0, 256)]);
        using LoadConnection first = new(port, tls);
        first.Send(request);
        first.Receive("frame", 256);
        long before = ResidentOf(process);
        List<LoadConnection> open = [];
        for (int i = 0; i < connections; i++)
        {
            open.Add(new LoadConnection(port, tls));
            open[^1].Send(request);
            open[^1].Receive("frame", 256);
        }

        long after = ResidentOf(process);
        Print("bytes_per_connection", (after - before) / (double)connections);
        Print("growth_mb", (after - before) / 1e6);
        open.ForEach(static connection => connection.Dispose());
    }

    /// <summary>
    /// Each connection has one request on its way, and sends the next when its own answer has come, whatever the others wait for. Looks for answers without a pause, and makes no garbage: the load
    /// has a processor of its own, and what it loses would count as the server's time to answer.
    /// </summary>
    private static long Ask(string protocol, LoadConnection[] open, byte[][] requests, int batch, ref int next, TimeSpan length, List<double>? latencies)
    {
        long asked = 0;
        long[] sent = new long[open.Length];
        for (int i = 0; i < open.Length; i++)
        {
            sent[i] = Stopwatch.GetTimestamp();
            open[i].Send(requests[next++ % requests.Length]);
        }

        long end = Stopwatch.GetTimestamp() + (long)(length.TotalSeconds * Stopwatch.Frequency);
        List<int> waiting = [.. Enumerable.Range(0, open.Length)];
        while (waiting.Count > 0)
        {
            bool isOver = Stopwatch.GetTimestamp() >= end;
            for (int at = waiting.Count - 1; at >= 0; at--)
            {
                int i = waiting[at];
                if (!open[i].HasAnswer)
                {
                    continue;
                }

                open[i].Receive(protocol, batch);
                latencies?.Add(Stopwatch.GetElapsedTime(sent[i]).TotalMicroseconds);
                asked += batch;
                if (isOver)
                {
                    waiting.RemoveAt(at);
                }
                else
                {
                    sent[i] = Stopwatch.GetTimestamp();
                    open[i].Send(requests[next++ % requests.Length]);
                }
            }
        }

        return asked;
    }

    private static byte[][] Requests(string protocol, int entries, int batch)
    {
        Random random = new(1);
        int count = Math.Clamp((4 << 20) / batch, 64, 16_384);
        return [.. Enumerable.Range(0, count).Select(_ => LoadRequests.Ask(protocol, [.. Enumerable.Range(0, batch).Select(_ => random.Next(2 * entries))]))];
    }

    private static double CpuOf(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / (double)TicksPerSecond;
    }

    private static long ResidentOf(int process)
        => long.Parse(File.ReadLines($"/proc/{process}/status").First(static line => line.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;

    private static void Print(string name, double value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:R}"));
}
