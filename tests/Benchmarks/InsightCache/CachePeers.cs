using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Garnet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server;

namespace Symantec.Virtualization.Benchmarks.InsightCache;

/// <summary>Servers to compare with: what the same web server does with no cache behind it, the same table without HTTP, and Garnet.</summary>
internal static class CachePeers
{
    public static void Serve(string kind, int port, int entries)
    {
        if (kind == "garnet")
        {
            using GarnetServer garnet = new(["--port", $"{port}", "--bind", "127.0.0.1", "--memory", "4g", "--index", "128m"]);
            garnet.Start();
            Thread.Sleep(Timeout.Infinite);
        }

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        RawLookups raw = new(entries);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            if (kind == "raw")
            {
                listen.Run(raw.ServeAsync);
            }
        }));
        WebApplication app = builder.Build();
        app.MapPost(Routes.Lookups, EmptyAsync);
        app.MapPost(Routes.Votes, EmptyAsync);
        app.MapPut(Routes.Definitions, EmptyAsync);
        app.MapGet(Routes.File, static context => context.Response.WriteAsync("clean"));
        app.Run();
    }

    /// <summary>Reads the whole body and answers as many bytes as an answer has.</summary>
    private static async Task EmptyAsync(HttpContext context)
    {
        PipeReader reader = context.Request.BodyReader;
        while (true)
        {
            ReadResult result = await reader.ReadAsync();
            if (result.IsCompleted)
            {
                reader.AdvanceTo(result.Buffer.End);
                break;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        context.Response.ContentLength = 96;
        context.Response.BodyWriter.GetSpan(96)[..96].Clear();
        context.Response.BodyWriter.Advance(96);
    }

    /// <summary>The table behind a bare connection: frames without HTTP.</summary>
    private sealed class RawLookups(int entries)
    {
        private readonly VerdictTable _table = FilledTable(entries);

        public async Task ServeAsync(ConnectionContext connection)
        {
            byte[] frame = new byte[new FrameHeader(FrameKind.Lookup, false, Routes.MaxBatch, default, default).FrameLength];
            while (true)
            {
                ReadResult result = await connection.Transport.Input.ReadAsync();
                if (result.IsCompleted)
                {
                    return;
                }

                if (result.Buffer.Length < FrameHeader.Size || !TryAnswer(result.Buffer, frame, connection.Transport.Output, out SequencePosition end))
                {
                    connection.Transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                    continue;
                }

                connection.Transport.Input.AdvanceTo(end);
                await connection.Transport.Output.FlushAsync();
            }
        }

        private static VerdictTable FilledTable(int entries)
        {
            VerdictTable table = VerdictTable.Create(Math.Max(1 << 20, (long)(entries / 0.95 / 15 * FullKeys.BucketSize)), TableSecret.Create());
            table.SetAlive(1, 0, true);
            byte[] key = new byte[32];
            for (int i = 0; i < entries; i++)
            {
                VerdictKey number = VerdictKey.Of(i);
                System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<VerdictKey>(in number)).CopyTo(key);
                table.Add(key, 1, 0, 1000, 1);
            }

            return table;
        }

        private bool TryAnswer(ReadOnlySequence<byte> buffer, byte[] frame, PipeWriter output, out SequencePosition end)
        {
            end = default;
            buffer.Slice(0, FrameHeader.Size).CopyTo(frame);
            FrameHeader header = FrameHeader.Parse(frame, FrameKind.Lookup);
            if (buffer.Length < header.FrameLength)
            {
                return false;
            }

            buffer.Slice(0, header.FrameLength).CopyTo(frame);
            end = buffer.GetPosition(header.FrameLength);
            int length = LookupAnswerFrame.FrameLength(header.Count);
            int plane = LookupAnswerFrame.PlaneLength(header.Count);
            Span<byte> answer = output.GetSpan(length)[..length];
            answer.Clear();
            Span<ulong> fingerprints = stackalloc ulong[header.Count];
            _table.Find(frame.AsSpan(FrameHeader.Size, header.Count * 32), AcceptedGenerations.Exactly(1, 0), 1, answer.Slice(LookupAnswerFrame.HeaderSize, plane), [], fingerprints);
            LookupAnswerFrame.WriteHeader(answer, header.Count, DefinitionsStanding.Current, 0, 0, 1);
            output.Advance(length);
            return true;
        }
    }
}
