using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Symantec.Virtualization.InsightCache.Client;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Benchmarks.InsightCache;

/// <summary>What a server that accepts connections and says nothing, the worst kind of dead, adds to a scan.</summary>
internal static class DeadServerRun
{
    private const int Batch = 256;
    private const int Batches = 100;

    public static async Task RunAsync()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        Uri address = new($"http://{silent.LocalEndpoint}");
        InsightCacheClientOptions options = new() { Address = address, ApiKey = LoadRequests.ApiKey };
        await using InsightCacheConnection connection = new(options);
        ScopeName scope = ScopeName.Of(new VerdictScope("clamav", ScanProfile.None, new DefinitionSet { Engine = "clamav", Version = "1", Sequence = 1, Digest = ContentHash.Compute([]) }));

        // As a scan asks.
        RequestRules rules = new(options.LatencyBudget, RequestRules.MaxFrameAnswer, MayRepeat: true);
        ContentHash[] hashes = [.. Enumerable.Range(0, Batch).Select(static i => ContentHash.Compute(BitConverter.GetBytes(i)))];
        long started = Stopwatch.GetTimestamp();
        double openAfter = double.NaN;
        for (int i = 0; i < Batches; i++)
        {
            try
            {
                await connection.Client.LookupAsync(scope, hashes, wantsLeases: true, rules, CancellationToken.None);
            }
            catch (InsightCacheException e) when (e.Fault == InsightCacheFault.CircuitOpen)
            {
                openAfter = double.IsNaN(openAfter) ? Stopwatch.GetElapsedTime(started).TotalMilliseconds : openAfter;
            }
            catch (InsightCacheException)
            {
                // Too late: the file is scanned.
            }
        }

        double all = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ms_per_file {all / (Batch * Batches):0.0000}\nopen_after_ms {openAfter:0.0}"));
    }
}
