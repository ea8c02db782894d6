namespace Symantec.Virtualization.Examples.InsightCacheHost;

/// <summary>The port on which an endpoint is served: the one that the connection came in by, whatever name and port the client or a proxy writes into the request.</summary>
internal sealed record ServedOn(int Port)
{
    public static Task KeepToPorts(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ServedOn>() is { } served && served.Port != context.Connection.LocalPort)
        {
            context.SetEndpoint(null);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return next(context);
    }
}
