using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Answers that say what is wrong with a request (RFC 9457). They are written for strangers: nothing of the server's files or contents is in them.</summary>
internal static class Problems
{
    private const string TypePrefix = "urn:symantec-virtualization:insight-cache:";

    public static Task WriteAsync(HttpContext context, int status, string type, string detail, int retryAfterSeconds = 0)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        if (retryAfterSeconds > 0)
        {
            context.Response.Headers.RetryAfter = retryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        ProblemDocument problem = new(TypePrefix + type, type.Replace('-', ' '), status, detail);
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(problem, ProblemJson.Default.ProblemDocument), context.RequestAborted).AsTask();
    }

    public static Task BadRequestAsync(HttpContext context, string detail) => WriteAsync(context, StatusCodes.Status400BadRequest, "bad-request", detail);

    public static Task TooManyAsync(HttpContext context)
        => WriteAsync(context, StatusCodes.Status429TooManyRequests, "too-many-requests", "This client asks or votes too fast.", retryAfterSeconds: 1);
}

/// <summary>A problem (RFC 9457, section 3).</summary>
internal sealed record ProblemDocument(string Type, string Title, int Status, string Detail);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ProblemDocument))]
internal sealed partial class ProblemJson : JsonSerializerContext;
