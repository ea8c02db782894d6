using Microsoft.AspNetCore.Http;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Takes votes, as frames and as JSON.</summary>
internal static class VoteEndpoint
{
    private const int MaxJson = 2048 + (Routes.MaxBatch * 256);

    public static async Task HandleAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Vote | ClientRoles.TrustedScanner).ConfigureAwait(false) is not { } client)
        {
            return;
        }

        if (context.Request.ContentType == Routes.FrameMediaType)
        {
            await TakeFrameAsync(context, server, client).ConfigureAwait(false);
        }
        else if (await MediaTypes.ReadAsync(context, InsightCacheJson.Default.VoteRequest, MaxJson).ConfigureAwait(false) is { } request)
        {
            await TakeJsonAsync(context, server, client, request).ConfigureAwait(false);
        }
    }

    private static async Task TakeFrameAsync(HttpContext context, CacheServer server, ClientIdentity client)
    {
        int limit = new FrameHeader(FrameKind.Vote, false, Routes.MaxBatch, default, default).FrameLength;
        if (await RequestBody.ReadAsync(context, limit).ConfigureAwait(false) is not { } body)
        {
            return;
        }

        using (body)
        {
            // A report waits for the disk, and a vote for a report while a client's votes are retracted; the thread that brought it has other connections to serve.
            await Task.Yield();
            await TakeFrame(context, server, client, body.Bytes).ConfigureAwait(false);
        }
    }

    private static Task TakeFrame(HttpContext context, CacheServer server, ClientIdentity client, ReadOnlySpan<byte> body)
    {
        FrameHeader header;
        ReadOnlySpan<byte> keys;
        ReadOnlySpan<byte> verdicts;
        try
        {
            header = VoteFrame.Parse(body, out keys, out verdicts);
        }
        catch (FrameException e)
        {
            return Problems.BadRequestAsync(context, e.Message);
        }

        if (!server.Gate.MayVote(client, context, header.Count))
        {
            return Problems.TooManyAsync(context);
        }

        VoteAnswerFrame answer = server.Vote(client, ClientGate.HolderOf(context), header, keys, verdicts);
        HttpResponse response = context.Response;
        response.ContentType = Routes.FrameMediaType;
        response.ContentLength = VoteAnswerFrame.Size;
        answer.Write(response.BodyWriter.GetSpan(VoteAnswerFrame.Size));
        response.BodyWriter.Advance(VoteAnswerFrame.Size);
        return Task.CompletedTask;
    }

    private static async Task TakeJsonAsync(HttpContext context, CacheServer server, ClientIdentity client, VoteRequest request)
    {
        if (request.Votes is not { Count: >= 1 and <= Routes.MaxBatch } votes || votes.Contains(null!))
        {
            await Problems.BadRequestAsync(context, $"votes: 1 to {Routes.MaxBatch} are needed.").ConfigureAwait(false);
            return;
        }

        if (request.Scope is not { Sequence: >= 0, Digest: not null })
        {
            await Problems.BadRequestAsync(context, "scope: sequence and digest of the definitions that were scanned with are needed.").ConfigureAwait(false);
            return;
        }

        if (!server.Gate.MayVote(client, context, votes.Count))
        {
            await Problems.TooManyAsync(context).ConfigureAwait(false);
            return;
        }

        FrameHeader header;
        try
        {
            header = server.HeaderOf(client, request.Scope, FrameKind.Vote, votes.Count);
        }
        catch (ArgumentException e)
        {
            await Problems.BadRequestAsync(context, e.Message).ConfigureAwait(false);
            return;
        }

        byte[] keys = new byte[votes.Count * ContentHash.Size];
        byte[] verdicts = new byte[votes.Count];
        for (int i = 0; i < votes.Count; i++)
        {
            votes[i].Hash.CopyTo(keys.AsSpan(i * ContentHash.Size));
            verdicts[i] = (byte)votes[i].Verdict;
        }

        // A report waits for the disk, and the thread that brought it has other connections to serve.
        await Task.Yield();
        VoteAnswerFrame answer = server.Vote(client, ClientGate.HolderOf(context), header, keys, verdicts, [.. votes.Select(static vote => vote.Threat)]);
        VoteResponse response = new()
        {
            Standing = answer.Standing,
            Accepted = answer.Accepted,
            Pending = answer.Pending,
            Duplicate = answer.Duplicate,
            Stale = answer.Stale,
            Rejected = answer.Rejected,
            Taken = answer.Taken,
            RecallEpoch = answer.RecallEpoch,
        };
        await MediaTypes.WriteAsync(context, response, InsightCacheJson.Default.VoteResponse).ConfigureAwait(false);
    }
}
