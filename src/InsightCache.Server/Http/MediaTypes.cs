using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Which forms bodies have.</summary>
internal static class MediaTypes
{
    private const int MaxDocument = 16 << 10;

    public static Task RefuseAsync(HttpContext context) => Problems.WriteAsync(
        context, StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", $"A body of type application/json or {Routes.FrameMediaType} is needed.");

    /// <summary>Reads a small document.</summary>
    /// <returns><see langword="null"/> if it is none, and the answer says so.</returns>
    public static async ValueTask<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, int limit = MaxDocument)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
        {
            await Problems.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "A body of type application/json is needed.").ConfigureAwait(false);
            return null;
        }

        if (await RequestBody.ReadAsync(context, limit).ConfigureAwait(false) is not { } body)
        {
            return null;
        }

        using (body)
        {
            string problem = "The document is null.";
            try
            {
                if (JsonSerializer.Deserialize(body.Bytes, type) is { } document)
                {
                    return document;
                }
            }
            catch (JsonException e)
            {
                problem = $"{e.Path ?? "$"}: {e.Message}";
            }

            await Problems.BadRequestAsync(context, problem).ConfigureAwait(false);
            return null;
        }
    }

    public static Task WriteAsync<T>(HttpContext context, T document, JsonTypeInfo<T> type)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(document, type, cancellationToken: context.RequestAborted);
    }
}
