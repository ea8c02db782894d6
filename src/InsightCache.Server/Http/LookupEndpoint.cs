using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Answers lookups, as frames and as JSON.</summary>
internal static class LookupEndpoint
{
    private const int MaxJson = 64 + 2048 + (Routes.MaxBatch * 72);

    public static async Task HandleAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Ask).ConfigureAwait(false) is not { } client)
        {
            return;
        }

        bool isFrame = context.Request.ContentType == Routes.FrameMediaType;
        if (!isFrame && !context.Request.HasJsonContentType())
        {
            await MediaTypes.RefuseAsync(context).ConfigureAwait(false);
            return;
        }

        int limit = isFrame ? new FrameHeader(FrameKind.Lookup, false, Routes.MaxBatch, default, default).FrameLength : MaxJson;
        if (await RequestBody.ReadAsync(context, limit).ConfigureAwait(false) is not { } body)
        {
            return;
        }

        using (body)
        {
            await (isFrame ? AnswerFrameAsync(context, server, client, body) : AnswerJsonAsync(context, server, client, body)).ConfigureAwait(false);
        }
    }

    private static Task AnswerFrameAsync(HttpContext context, CacheServer server, ClientIdentity client, RequestBody body)
    {
        FrameHeader header;
        ReadOnlySpan<byte> keys;
        try
        {
            header = LookupFrame.Parse(body.Bytes, out keys);
        }
        catch (FrameException e)
        {
            return Problems.BadRequestAsync(context, e.Message);
        }

        if (!server.Gate.MayAsk(client, context, header.Count))
        {
            return Problems.TooManyAsync(context);
        }

        return server.SecondLevel is { } level
            ? FetchAndAnswerFrameAsync(context, server, level, client, header, body)
            : AnswerFrame(context, server, client, header, keys);
    }

    private static async Task FetchAndAnswerFrameAsync(
        HttpContext context, CacheServer server, SecondLevel level, ClientIdentity client, FrameHeader header, RequestBody body)
    {
        ReadOnlyMemory<byte> keys = body.Memory[^(header.Count * ContentHash.Size)..];
        await level.FetchAsync(client, header, keys, context.RequestAborted).ConfigureAwait(false);
        await AnswerFrame(context, server, client, header, keys.Span).ConfigureAwait(false);
    }

    private static Task AnswerFrame(HttpContext context, CacheServer server, ClientIdentity client, in FrameHeader header, ReadOnlySpan<byte> keys)
    {
        int length = LookupAnswerFrame.FrameLength(header.Count);
        int plane = LookupAnswerFrame.PlaneLength(header.Count);
        HttpResponse response = context.Response;
        response.ContentType = Routes.FrameMediaType;
        response.ContentLength = length;
        response.Headers.CacheControl = "no-store";
        Span<byte> frame = response.BodyWriter.GetSpan(length)[..length];
        LookupSummary summary = server.Store.Lookup(
            client,
            header.WantsLeases ? ClientGate.HolderOf(context) : 0,
            header,
            keys,
            frame.Slice(LookupAnswerFrame.HeaderSize, plane),
            frame.Slice(LookupAnswerFrame.HeaderSize + plane, plane));
        LookupAnswerFrame.WriteHeader(frame, header.Count, summary.Standing, summary.ComeBack, summary.RecallEpoch, summary.Sequence);
        response.BodyWriter.Advance(length);
        return Task.CompletedTask;
    }

    private static async Task AnswerJsonAsync(HttpContext context, CacheServer server, ClientIdentity client, RequestBody body)
    {
        byte[] keys = ArrayPool<byte>.Shared.Rent(Routes.MaxBatch * ContentHash.Size);
        try
        {
            ScopeDocument scope = HashListReader.Read(body.Bytes, keys, out int count, out bool leases);
            if (!server.Gate.MayAsk(client, context, count))
            {
                await Problems.TooManyAsync(context).ConfigureAwait(false);
                return;
            }

            FrameHeader header = server.HeaderOf(client, scope, FrameKind.Lookup, count) with { WantsLeases = leases };
            ReadOnlyMemory<byte> asked = keys.AsMemory(0, count * ContentHash.Size);
            if (server.SecondLevel is { } level)
            {
                await level.FetchAsync(client, header, asked, context.RequestAborted).ConfigureAwait(false);
            }

            AnswerJson(context, server, client, header, asked.Span);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            await Problems.BadRequestAsync(context, e.Message).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(keys);
        }
    }

    private static void AnswerJson(HttpContext context, CacheServer server, ClientIdentity client, in FrameHeader header, ReadOnlySpan<byte> keys)
    {
        int plane = LookupAnswerFrame.PlaneLength(header.Count);
        Span<byte> clean = stackalloc byte[plane];
        Span<byte> wait = stackalloc byte[plane];
        LookupSummary summary = server.Store.Lookup(client, header.WantsLeases ? ClientGate.HolderOf(context) : 0, header, keys, clean, wait);
        Write(context.Response, summary, header.Count, clean, wait);
    }

    /// <summary>Writes a <see cref="LookupResponse"/>.</summary>
    private static void Write(HttpResponse response, LookupSummary summary, int count, ReadOnlySpan<byte> clean, ReadOnlySpan<byte> wait)
    {
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        using Utf8JsonWriter writer = new(response.BodyWriter, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteString("standing"u8, WordOf(summary.Standing));
        writer.WriteNumber("sequence"u8, summary.Sequence);
        writer.WriteNumber("recallEpoch"u8, summary.RecallEpoch);
        writer.WriteNumber("comeBackMilliseconds"u8, summary.ComeBack);
        writer.WriteStartArray("answers"u8);
        for (int i = 0; i < count; i++)
        {
            int bit = 1 << (i & 7);
            writer.WriteStringValue((clean[i >> 3] & bit) != 0 ? "clean"u8 : (wait[i >> 3] & bit) != 0 ? "wait"u8 : "scan"u8);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static ReadOnlySpan<byte> WordOf(DefinitionsStanding standing) => standing switch
    {
        DefinitionsStanding.Current => "current"u8,
        DefinitionsStanding.Older => "older"u8,
        _ => "unknown"u8,
    };
}
