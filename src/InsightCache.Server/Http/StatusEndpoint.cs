using Microsoft.AspNetCore.Http;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Tells the server's figures, and has it write a snapshot.</summary>
internal static class StatusEndpoint
{
    public static async Task DescribeAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Ask | ClientRoles.Administer).ConfigureAwait(false) is not null)
        {
            // The lanes are listed beside whoever withdraws definitions and waits for the disk.
            await Task.Yield();
            await MediaTypes.WriteAsync(context, server.Describe(), InsightCacheJson.Default.StatusDocument).ConfigureAwait(false);
        }
    }

    public static async Task SnapshotAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Administer).ConfigureAwait(false) is null)
        {
            return;
        }

        if (await server.TryWriteSnapshotAsync(context.RequestAborted).ConfigureAwait(false))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            await Problems.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "not-written", "No snapshot could be written. The server's log says why.").ConfigureAwait(false);
        }
    }
}
