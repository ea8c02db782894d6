using System.Diagnostics;
using System.Globalization;
using Symantec.Virtualization.InsightCache.Client;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Benchmarks.InsightCache;

/// <summary>What a batch of 256 costs whoever asks: by our client, with its circuit breaker, timeout and checks, and by an HttpClient that sends the same bytes and believes whatever comes.</summary>
internal static class ClientRun
{
    private const int Batch = 256;
    private const int BatchesPerRound = 4000;

    /// <summary>The best of them counts; the runtime's compiler needs the first twenty until both ways run as they will for the rest of a scan.</summary>
    private const int Rounds = 40;

    public static async Task RunAsync(int port)
    {
        Uri address = new($"http://127.0.0.1:{port}");
        ContentHash[] hashes = [.. Enumerable.Range(0, Batch).Select(static i => ContentHash.Compute(BitConverter.GetBytes(i)))];
        DefinitionsDocument definitions = LoadRequests.Definitions;
        VerdictScope scope = new(
            definitions.Engine, ScanProfile.None, new DefinitionSet { Engine = definitions.Engine, Version = definitions.Version, Sequence = definitions.Sequence, Digest = definitions.Digest });
        await using InsightCacheConnection connection = new(new InsightCacheClientOptions { Address = address, ApiKey = LoadRequests.ApiKey });
        using HttpClient raw = new(new SocketsHttpHandler()) { BaseAddress = address };
        raw.DefaultRequestHeaders.Add(Routes.ApiKeyHeader, LoadRequests.ApiKey);
        byte[] frame = LookupFrame.Write(LaneId.Of(scope), DefinitionsStamp.Of(scope.Definitions), hashes, wantsLeases: false);
        Dictionary<string, Func<Task>> ways = new()
        {
            ["client"] = async () => await connection.Client.LookupAsync(scope, hashes, wantsLeases: false),
            ["http"] = async () =>
            {
                using HttpRequestMessage request = new(HttpMethod.Post, "v1/lookups") { Content = new ByteArrayContent(frame) };
                request.Content.Headers.TryAddWithoutValidation("Content-Type", Routes.FrameMediaType);
                using HttpResponseMessage response = await raw.SendAsync(request);
                await response.Content.ReadAsByteArrayAsync();
            },
        };
        Dictionary<string, (double Microseconds, long Bytes)> best = ways.Keys.ToDictionary(static way => way, static _ => (double.MaxValue, long.MaxValue));
        for (int round = 0; round < Rounds; round++)
        {
            foreach ((string way, Func<Task> ask) in ways)
            {
                (double microseconds, long bytes) = await MeasureAsync(ask);
                best[way] = (Math.Min(best[way].Microseconds, microseconds), Math.Min(best[way].Bytes, bytes));
            }
        }

        foreach ((string way, (double microseconds, long bytes)) in best)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{way}_us {microseconds:f1}\n{way}_bytes {bytes}"));
        }
    }

    private static async Task<(double Microseconds, long Bytes)> MeasureAsync(Func<Task> ask)
    {
        using Process self = Process.GetCurrentProcess();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan start = self.TotalProcessorTime;
        for (int i = 0; i < BatchesPerRound; i++)
        {
            await ask();
        }

        self.Refresh();
        return ((self.TotalProcessorTime - start).TotalMicroseconds / BatchesPerRound, (GC.GetTotalAllocatedBytes(precise: true) - allocated) / BatchesPerRound);
    }
}
