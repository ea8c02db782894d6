using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps a Shared Insight Cache into a host.</summary>
public static class InsightCacheEndpointRouteBuilderExtensions
{
    private delegate Task Handler(HttpContext context, CacheServer server);

    /// <summary>Maps what clients and administrators ask of the cache.</summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <returns>The endpoints, to be narrowed to a port or a policy of the host's own.</returns>
    /// <exception cref="InvalidOperationException">The cache was not added to the services.</exception>
    public static IEndpointConventionBuilder MapInsightCache(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        CacheServer server = ServerOf(endpoints);
        RouteGroupBuilder group = endpoints.MapGroup("").WithTags("Shared Insight Cache");
        Map(HttpMethods.Post, Routes.Lookups, LookupEndpoint.HandleAsync)
            .Accepts<LookupRequest>("application/json", Routes.FrameMediaType)
            .Produces<LookupResponse>(StatusCodes.Status200OK, "application/json", Routes.FrameMediaType)
            .WithSummary("Asks about 1 to 4096 contents.");
        Map(HttpMethods.Post, Routes.Votes, VoteEndpoint.HandleAsync)
            .Accepts<VoteRequest>("application/json", Routes.FrameMediaType)
            .Produces<VoteResponse>(StatusCodes.Status200OK, "application/json", Routes.FrameMediaType)
            .WithSummary("Tells the verdicts of 1 to 4096 contents.");
        Map(HttpMethods.Get, Routes.File, RecallEndpoint.DescribeFileAsync).Produces<FileDocument>().WithSummary("Tells what is known of one content in every lane.");
        Map(HttpMethods.Get, Routes.Definitions, DefinitionsEndpoint.ListAsync).Produces<IReadOnlyList<LaneDocument>>().WithSummary("Lists lanes, their generations and what was reported.");
        Map(HttpMethods.Post, Routes.Definitions, DefinitionsEndpoint.ReportAsync)
            .Accepts<DefinitionsDocument>("application/json")
            .Produces<DefinitionsResponse>()
            .WithSummary("Reports the definitions that a client scans with.");
        Map(HttpMethods.Put, Routes.Definitions, DefinitionsEndpoint.SetAsync)
            .Accepts<DefinitionsDocument>("application/json")
            .Produces<DefinitionsResponse>()
            .WithSummary("Sets the current definitions of a lane (administrators).");
        Map(HttpMethods.Get, Routes.Recalls, RecallEndpoint.ListAsync).Produces<RecallChanges>().WithSummary("Lists recalls; with ?since=, what changed after an epoch.");
        Map(HttpMethods.Post, Routes.Recalls, RecallEndpoint.RecallAsync)
            .Accepts<RecallRequest>("application/json")
            .Produces<RecallDocument>()
            .WithSummary("Recalls a content for good (administrators).");
        Map(HttpMethods.Get, Routes.Recall, RecallEndpoint.ReportAsync).Produces<RecallReport>().WithSummary("Names the clients that voted for a content or relied on it (administrators).");
        Map(HttpMethods.Delete, Routes.Recall, RecallEndpoint.LiftAsync).Produces(StatusCodes.Status204NoContent).WithSummary("Lifts a recall (administrators).");
        Map(HttpMethods.Delete, Routes.ClientVotes, RecallEndpoint.RetractAsync).Produces<RetractionDocument>().WithSummary("Retracts everything that a client voted clean (administrators).");
        Map(HttpMethods.Get, Routes.Bundle, BundleEndpoint.ExportAsync).Produces(StatusCodes.Status200OK, contentType: "application/octet-stream").WithSummary("Exports verdicts as a signed file (administrators).");
        Map(HttpMethods.Post, Routes.Bundle, BundleEndpoint.ImportAsync).Produces<ImportDocument>().WithSummary("Imports a signed file of verdicts (administrators).");
        Map(HttpMethods.Post, Routes.Snapshot, StatusEndpoint.SnapshotAsync).Produces(StatusCodes.Status204NoContent).WithSummary("Writes a snapshot now (administrators).");
        return group;

        RouteHandlerBuilder Map(string method, string pattern, Handler handler)
            => new([group.MapMethods(pattern, [method], context => handler(context, server)).WithMetadata(handler.Method)]);
    }

    /// <summary>Maps the figures of the cache: a page for people at the root, and the same as a document.</summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <returns>The endpoints.</returns>
    /// <exception cref="InvalidOperationException">The cache was not added to the services.</exception>
    public static IEndpointConventionBuilder MapInsightCacheStatus(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        CacheServer server = ServerOf(endpoints);
        RouteGroupBuilder group = endpoints.MapGroup("").WithTags("Status");
        Handler describe = StatusEndpoint.DescribeAsync;
        new RouteHandlerBuilder([group.MapMethods(Routes.Status, [HttpMethods.Get], context => describe(context, server)).WithMetadata(describe.Method)])
            .Produces<StatusDocument>()
            .WithSummary("Tells the server's figures.");
        group.MapGet("/", context => StatusPage.WriteAsync(context, server));
        group.MapGet("/status/" + StatusPage.Style, static context => StatusPage.WriteResourceAsync(context, StatusPage.Style));
        group.MapGet("/status/" + StatusPage.Script, static context => StatusPage.WriteResourceAsync(context, StatusPage.Script));
        return group;
    }

    private static CacheServer ServerOf(IEndpointRouteBuilder endpoints)
    {
        // Made together with it, so that whoever collects metrics finds it.
        _ = endpoints.ServiceProvider.GetService<CacheMetrics>();
        return endpoints.ServiceProvider.GetService<CacheServer>()
            ?? throw new InvalidOperationException("The insight cache is not among the services: call services.AddInsightCacheServer() first.");
    }
}
