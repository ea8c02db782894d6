using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Management.Server;

/// <summary>What agents ask. A client is whose secret it shows, and nothing in a document says otherwise.</summary>
internal static class AgentEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapPost(Routes.Enrolment, EnrolAsync).Accepts<EnrolmentRequest>("application/json").Produces<EnrolmentResponse>().WithSummary("Makes a machine a client, by a one-time token.");
        group.MapPost(Routes.Heartbeat, HeartbeatAsync).Accepts<HeartbeatRequest>("application/json").Produces<HeartbeatResponse>().WithSummary("Tells that a client lives.");
        group.MapGet(Routes.Policy, PolicyAsync).Produces<PolicyDocument>().Produces(StatusCodes.Status304NotModified).WithSummary("Reads the client's policy.");
        group.MapPost(Routes.Results, ResultsAsync).Accepts<ResultBatch>("application/json").Produces<ResultReceipt>().WithSummary("Tells what scans came to; a batch is counted once.");
        group.MapPost(Routes.RecallAnswers, RecallsAsync).Accepts<RecallAnswer>("application/json").Produces(StatusCodes.Status204NoContent).WithSummary("Tells which recalled contents the client had relied on.");
    }

    private static async Task<IResult> EnrolAsync(HttpContext context, ClientRegistry registry, Gate gate)
    {
        EnrolmentRequest request = await RequestBody.ReadAsync(context, ManagementJson.Default.EnrolmentRequest, WireLimits.MaxHeartbeatLength).ConfigureAwait(false);
        try
        {
            context.Response.Headers.CacheControl = "no-store";
            return Results.Json(await registry.EnrolAsync(request, context.RequestAborted).ConfigureAwait(false), ManagementJson.Default.EnrolmentResponse);
        }
        catch (ManagementException e) when (e.Fault == ManagementFault.Unauthenticated)
        {
            gate.Refuse(context);
            throw;
        }
    }

    private static async Task<IResult> HeartbeatAsync(HttpContext context, ClientRegistry registry)
    {
        ClientIdentity client = await IdentifyAsync(context).ConfigureAwait(false);
        HeartbeatRequest request = await RequestBody.ReadAsync(context, ManagementJson.Default.HeartbeatRequest, WireLimits.MaxHeartbeatLength).ConfigureAwait(false);
        return Results.Json(await registry.TakeAsync(client, request, context.RequestAborted).ConfigureAwait(false), ManagementJson.Default.HeartbeatResponse);
    }

    private static async Task<IResult> PolicyAsync(HttpContext context, PolicyStore policies)
    {
        ClientIdentity client = await IdentifyAsync(context).ConfigureAwait(false);
        EffectivePolicy policy = await policies.EffectiveAsync(client.GroupId, context.RequestAborted).ConfigureAwait(false);
        context.Response.Headers.ETag = policy.Tag;
        context.Response.Headers.CacheControl = "no-cache";
        return context.Request.Headers.IfNoneMatch.ToString().Split(',', StringSplitOptions.TrimEntries).Contains(policy.Tag)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Bytes(policy.Json, "application/json");
    }

    private static async Task<IResult> ResultsAsync(HttpContext context, ResultStore results)
    {
        ClientIdentity client = await IdentifyAsync(context).ConfigureAwait(false);
        ResultBatch batch = await RequestBody.ReadAsync(context, ManagementJson.Default.ResultBatch, WireLimits.MaxResultsLength).ConfigureAwait(false);
        return Results.Json(await results.TakeAsync(client, batch, context.RequestAborted).ConfigureAwait(false), ManagementJson.Default.ResultReceipt);
    }

    private static async Task<IResult> RecallsAsync(HttpContext context, RecallStore recalls)
    {
        ClientIdentity client = await IdentifyAsync(context).ConfigureAwait(false);
        RecallAnswer answer = await RequestBody.ReadAsync(context, ManagementJson.Default.RecallAnswer, WireLimits.MaxResultsLength).ConfigureAwait(false);
        await recalls.TakeAsync(client, answer, context.RequestAborted).ConfigureAwait(false);
        return Results.NoContent();
    }

    /// <summary>
    /// Whoever shows no secret that counts is told so before anything of the request is read. A right secret counts whatever others behind the same address do: a secret is not guessed.
    /// </summary>
    private static async Task<ClientIdentity> IdentifyAsync(HttpContext context)
    {
        Gate gate = context.RequestServices.GetRequiredService<Gate>();
        string header = context.Request.Headers.Authorization.ToString();
        const string Prefix = Routes.Scheme + " ";
        if (header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && ClientCredentials.TryParse(header[Prefix.Length..], out ClientCredentials? credentials)
            && await context.RequestServices.GetRequiredService<ClientRegistry>().AuthenticateAsync(credentials, context.RequestAborted).ConfigureAwait(false) is { } client)
        {
            gate.RequireClient(client.Id);
            return client;
        }

        gate.Refuse(context);
        context.Response.Headers.WWWAuthenticate = Routes.Scheme;
        throw new ManagementException(ManagementFault.Unauthenticated, "The client is not known here, or its secret is wrong.");
    }
}
