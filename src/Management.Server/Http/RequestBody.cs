using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Symantec.Virtualization.Management.Server;

/// <summary>Reads bodies, up to a limit.</summary>
internal static class RequestBody
{
    /// <summary>The largest document that an administrator sends, but for policies.</summary>
    public const int MaxDocument = 256 << 10;

    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, int most)
        where T : class
    {
        // A page of another site can send a form without asking, but nothing that calls itself JSON.
        if (!context.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException("JSON is needed.", StatusCodes.Status415UnsupportedMediaType);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = most;
        }

        if (context.Request.ContentLength > most)
        {
            throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        }

        return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false) ?? throw new JsonException("The document is null.");
    }

    public static Task<T> ReadAsync<T>(HttpContext context, int most = MaxDocument)
        where T : class
        => ReadAsync(context, (JsonTypeInfo<T>)ServerJson.Options.GetTypeInfo(typeof(T)), most);
}
