using Microsoft.AspNetCore.Http;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Learns of definitions, and lists them.</summary>
internal static class DefinitionsEndpoint
{
    private const int MaxVersion = 200;

    public static async Task ListAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Ask | ClientRoles.Administer).ConfigureAwait(false) is { } client)
        {
            // Somebody who withdraws definitions meanwhile waits for the disk.
            await Task.Yield();
            await MediaTypes.WriteAsync(context, server.Store.Lanes.Describe(client.Tenant), InsightCacheJson.Default.IReadOnlyListLaneDocument).ConfigureAwait(false);
        }
    }

    public static async Task ReportAsync(HttpContext context, CacheServer server)
    {
        // Whoever may only ask learns that its word does not count, and how the lane stands.
        if (await server.Gate.AdmitAsync(context, ClientRoles.Ask | ClientRoles.Vote | ClientRoles.TrustedScanner).ConfigureAwait(false) is { } client
            && await ReadAsync(context).ConfigureAwait(false) is { } definitions)
        {
            await Task.Yield();
            await MediaTypes.WriteAsync(context, server.Report(client, definitions), InsightCacheJson.Default.DefinitionsResponse).ConfigureAwait(false);
        }
    }

    public static async Task SetAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Administer).ConfigureAwait(false) is { } client
            && await ReadAsync(context).ConfigureAwait(false) is { } definitions)
        {
            // To withdraw definitions waits for the disk, and the thread that brought it has other connections to serve.
            await Task.Yield();
            await MediaTypes.WriteAsync(context, server.SetDefinitions(client.Tenant, definitions), InsightCacheJson.Default.DefinitionsResponse).ConfigureAwait(false);
        }
    }

    private static async ValueTask<DefinitionsDocument?> ReadAsync(HttpContext context)
    {
        if (await MediaTypes.ReadAsync(context, InsightCacheJson.Default.DefinitionsDocument).ConfigureAwait(false) is not { } definitions)
        {
            return null;
        }

        string? problem = definitions.Sequence < 0 ? "sequence: from 0 on is needed."
            : definitions.Version is not { Length: > 0 and <= MaxVersion } ? $"version: 1 to {MaxVersion} characters are needed."
            : null;
        try
        {
            _ = LaneId.Of(definitions.Engine, definitions.Profile);
        }
        catch (ArgumentException e)
        {
            problem = e.Message;
        }

        if (problem is null)
        {
            return definitions;
        }

        await Problems.BadRequestAsync(context, problem).ConfigureAwait(false);
        return null;
    }
}
