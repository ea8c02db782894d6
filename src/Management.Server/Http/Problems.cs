using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Management.Server;

/// <summary>Answers that say what is wrong with a request (RFC 9457). They are written for strangers: nothing of the manager's tables is in them.</summary>
internal static class Problems
{
    public static Task WriteAsync(HttpContext context, int status, string type, string detail, long? sequence = null)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        if (status == StatusCodes.Status429TooManyRequests)
        {
            context.Response.Headers.RetryAfter = 60.ToString(CultureInfo.InvariantCulture);
        }

        ProblemDocument problem = new(Routes.ProblemPrefix + type, type.Replace('-', ' '), status, detail, sequence);
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(problem, ManagementJson.Default.ProblemDocument), context.RequestAborted).AsTask();
    }

    /// <summary>Answers what the services refuse.</summary>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        HttpContext context = invocation.HttpContext;
        try
        {
            return await next(invocation).ConfigureAwait(false);
        }
        catch (Exception e) when (!context.Response.HasStarted && Describe(e) is not null)
        {
            (int status, string type, string detail) = Describe(e)!.Value;
            await WriteAsync(context, status, type, detail, (e as ManagementException)?.Sequence).ConfigureAwait(false);
        }
        catch (Exception e) when (!context.Response.HasStarted && e is not OperationCanceledException)
        {
            Log.RequestFailed(context.RequestServices.GetRequiredService<ILogger<ManagementServerOptions>>(), context.Request.Path, e);
            await WriteAsync(context, StatusCodes.Status500InternalServerError, "failed", "The manager could not do it; its log says why.").ConfigureAwait(false);
        }

        return Results.Empty;
    }

    private static (int Status, string Type, string Detail)? Describe(Exception e) => e switch
    {
        ManagementException { Fault: var fault } => fault switch
        {
            ManagementFault.NotFound => (StatusCodes.Status404NotFound, "not-found", e.Message),
            ManagementFault.Conflict => (StatusCodes.Status409Conflict, "conflict", e.Message),
            ManagementFault.Unauthenticated => (StatusCodes.Status401Unauthorized, "unauthenticated", e.Message),
            ManagementFault.Forbidden => (StatusCodes.Status403Forbidden, "forbidden", e.Message),
            ManagementFault.Replayed => (StatusCodes.Status409Conflict, "replayed", e.Message),
            ManagementFault.TooOld => (StatusCodes.Status410Gone, "too-old", e.Message),
            ManagementFault.TooMany => (StatusCodes.Status429TooManyRequests, "too-many-requests", e.Message),
            _ => (StatusCodes.Status400BadRequest, "bad-request", e.Message),
        },
        SearchQueryException => (StatusCodes.Status400BadRequest, "bad-query", e.Message),
        JsonException => (StatusCodes.Status400BadRequest, "bad-request", e.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => (StatusCodes.Status413PayloadTooLarge, "too-large", "The document is longer than it may be."),
        BadHttpRequestException { StatusCode: var status } => (status, "bad-request", "The request is not well formed."),
        _ => null,
    };
}
