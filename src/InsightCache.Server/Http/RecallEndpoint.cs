using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Tells what is known of single contents, recalls them, and says whom that concerns.</summary>
internal static class RecallEndpoint
{
    public static async Task DescribeFileAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Ask | ClientRoles.Administer).ConfigureAwait(false) is not { } client
            || await HashAsync(context).ConfigureAwait(false) is not { } hash)
        {
            return;
        }

        if (!server.Gate.MayAsk(client, context, 1))
        {
            await Problems.TooManyAsync(context).ConfigureAwait(false);
            return;
        }

        server.Store.Recalls.TryFind(client.Tenant, hash, out Recall? recall);
        FileDocument file = new() { Hash = hash, Recall = recall?.Describe(), Clean = server.Store.Describe(client.Tenant, hash) };
        await MediaTypes.WriteAsync(context, file, InsightCacheJson.Default.FileDocument).ConfigureAwait(false);
    }

    public static async Task ListAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Ask | ClientRoles.Administer).ConfigureAwait(false) is not { } client)
        {
            return;
        }

        // The register may be waiting for the disk.
        await Task.Yield();
        string? since = context.Request.Query["since"];
        if (since is null)
        {
            await MediaTypes.WriteAsync(context, server.Store.Recalls.List(client.Tenant), InsightCacheJson.Default.IReadOnlyListRecallDocument).ConfigureAwait(false);
        }
        else if (long.TryParse(since, NumberStyles.None, CultureInfo.InvariantCulture, out long epoch))
        {
            await MediaTypes.WriteAsync(context, server.Store.Recalls.Since(client.Tenant, epoch), InsightCacheJson.Default.RecallChanges).ConfigureAwait(false);
        }
        else
        {
            await Problems.BadRequestAsync(context, "since: a number from 0 on is needed.").ConfigureAwait(false);
        }
    }

    public static async Task RecallAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Administer).ConfigureAwait(false) is { } client
            && await MediaTypes.ReadAsync(context, InsightCacheJson.Default.RecallRequest).ConfigureAwait(false) is { } request)
        {
            await Task.Yield();
            Recall recall = server.Store.Recalls.RecallForGood(client.Tenant, request.Hash, request.Threat);
            await MediaTypes.WriteAsync(context, recall.Describe(), InsightCacheJson.Default.RecallDocument).ConfigureAwait(false);
        }
    }

    public static async Task ReportAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Administer).ConfigureAwait(false) is { } client
            && await HashAsync(context).ConfigureAwait(false) is { } hash)
        {
            RecallReport report = await server.ConcernedByAsync(client.Tenant, hash, context.RequestAborted).ConfigureAwait(false);
            await MediaTypes.WriteAsync(context, report, InsightCacheJson.Default.RecallReport).ConfigureAwait(false);
        }
    }

    public static async Task LiftAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Administer).ConfigureAwait(false) is not { } client
            || await HashAsync(context).ConfigureAwait(false) is not { } hash)
        {
            return;
        }

        await Task.Yield();
        if (server.Store.Recalls.Lift(client.Tenant, hash))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            await Problems.WriteAsync(context, StatusCodes.Status404NotFound, "not-found", "This content is not recalled.").ConfigureAwait(false);
        }
    }

    public static async Task RetractAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Administer).ConfigureAwait(false) is not { } client)
        {
            return;
        }

        await Task.Yield();
        string name = context.GetRouteValue("name") as string ?? "";
        if (await server.RetractAsync(client.Tenant, name, context.RequestAborted).ConfigureAwait(false) is { } retraction)
        {
            await MediaTypes.WriteAsync(context, retraction, InsightCacheJson.Default.RetractionDocument).ConfigureAwait(false);
        }
        else
        {
            await Problems.WriteAsync(context, StatusCodes.Status404NotFound, "not-found", "No client of this name has ever shown credentials here.").ConfigureAwait(false);
        }
    }

    private static async ValueTask<ContentHash?> HashAsync(HttpContext context)
    {
        if (ContentHash.TryParse(context.GetRouteValue("hash") as string, null, out ContentHash hash))
        {
            return hash;
        }

        await Problems.BadRequestAsync(context, "A content is named by the 64 hexadecimal digits of its SHA-256.").ConfigureAwait(false);
        return null;
    }
}
