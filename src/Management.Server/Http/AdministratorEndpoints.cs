using System.Text.Json;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server;

/// <summary>The documents that administrators send.</summary>
internal static class Requests
{
    public sealed record SignIn(string Name, string Password);

    public sealed record Session(string Name, AdministratorRole Role, bool MustChangePassword, string CsrfToken);

    public sealed record Password(string Current, string Next);

    public sealed record Move(IReadOnlyList<Guid> Ids, int GroupId);

    public sealed record Choice(IReadOnlyList<Guid> Ids);

    public sealed record Count(int Clients);

    public sealed record Group(string Name, int ParentId = GroupTree.RootId);

    public sealed record PolicyChange(JsonElement? Policy, string Comment = "", int? ExpectedNumber = null);

    public sealed record Restore(int Number);

    public sealed record Recall(ContentHash Hash, string? Threat = null);

    public sealed record Account(string Name, AdministratorRole Role);

    public sealed record AccountChange(AdministratorRole? Role = null, bool? Disabled = null);

    public sealed record Key(string Name, AdministratorRole Role, int? Days = null);
}

/// <summary>What administrators ask, by a session or by a key. Every page of the console has its data here as well.</summary>
internal static class AdministratorEndpoints
{
    private const string Root = "/api/v1";

    public static void Map(RouteGroupBuilder group)
    {
        RouteGroupBuilder api = group.MapGroup(Root);
        RouteGroupBuilder view = Guarded(api, ManagementAccess.View);
        RouteGroupBuilder operate = Guarded(api, ManagementAccess.Operate);
        RouteGroupBuilder administer = Guarded(api, ManagementAccess.Administer);
        MapSession(api);
        MapClients(view, operate);
        MapPolicies(view, operate);
        MapResults(view, operate);
        MapAccounts(administer);
    }

    private static RouteGroupBuilder Guarded(RouteGroupBuilder api, string policy)
    {
        RouteGroupBuilder guarded = api.MapGroup("").RequireAuthorization(policy);
        guarded.AddEndpointFilter(AntiforgeryAsync);
        return guarded;
    }

    /// <summary>A browser sends its cookie with whatever a page of another site has it send; only a page of this one knows the token.</summary>
    private static async ValueTask<object?> AntiforgeryAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        HttpContext context = invocation.HttpContext;
        Gate gate = (Gate)context.RequestServices.GetService(typeof(Gate))!;
        gate.RequireAdministrator(context.User.Identity?.Name ?? "");
        context.Response.Headers.CacheControl = "no-store";
        if (ManagementAccess.CameByCookie(context.User) && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            IAntiforgery antiforgery = (IAntiforgery)context.RequestServices.GetService(typeof(IAntiforgery))!;
            if (!await antiforgery.IsRequestValidAsync(context).ConfigureAwait(false))
            {
                throw new ManagementException(ManagementFault.Forbidden, $"The header {ManagementAccess.AntiforgeryHeader} is missing or wrong: GET {Root}/session tells it.");
            }
        }

        return await next(invocation).ConfigureAwait(false);
    }

    private static void MapSession(RouteGroupBuilder api)
    {
        RouteGroupBuilder signedIn = Guarded(api, ManagementAccess.SignedIn);
        api.MapPost("/session", static async (HttpContext context, Sessions sessions) =>
        {
            Requests.SignIn request = await RequestBody.ReadAsync<Requests.SignIn>(context).ConfigureAwait(false);
            SignedIn who = await sessions.SignInAsync(context, request.Name, request.Password).ConfigureAwait(false);
            return Json(new { who.Name, who.Role, who.MustChangePassword });
        }).Accepts<Requests.SignIn>("application/json").WithSummary("Signs in: sets the cookie of a new session.");
        signedIn.MapGet("/session", static (HttpContext context, IAntiforgery antiforgery) =>
        {
            AdministratorRole role = Enum.GetValues<AdministratorRole>().Where(r => ManagementAccess.Has(context.User, r)).DefaultIfEmpty().Max();
            string token = ManagementAccess.CameByCookie(context.User) ? antiforgery.GetAndStoreTokens(context).RequestToken ?? "" : "";
            context.Response.Headers.CacheControl = "no-store";
            return Json(new Requests.Session(context.User.Identity?.Name ?? "", role, context.User.HasClaim(ManagementAccess.ChangeClaim, "yes"), token));
        }).Produces<Requests.Session>().WithSummary("Tells who is signed in, and the token for the header X-Csrf-Token of requests that change something.");
        signedIn.MapDelete("/session", static async (HttpContext context, Sessions sessions) =>
        {
            await sessions.SignOutAsync(context).ConfigureAwait(false);
            return Results.NoContent();
        }).WithSummary("Signs out.");
        signedIn.MapPut("/session/password", static async (HttpContext context, Administrators administrators, Sessions sessions) =>
        {
            if (!ManagementAccess.CameByCookie(context.User))
            {
                throw new ManagementException(ManagementFault.Forbidden, "A key changes no password.");
            }

            Requests.Password request = await RequestBody.ReadAsync<Requests.Password>(context).ConfigureAwait(false);
            string name = context.User.Identity?.Name ?? "";
            await administrators.ChangePasswordAsync(
                ManagementAccess.IdOf(context.User), request.Current, request.Next, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false);
            SignedIn who = await sessions.SignInAsync(context, name, request.Next).ConfigureAwait(false);
            return Json(new { who.Name, who.Role, who.MustChangePassword });
        }).Accepts<Requests.Password>("application/json").WithSummary("Changes one's own password: all other sessions end.");
    }

    private static void MapClients(RouteGroupBuilder view, RouteGroupBuilder operate)
    {
        view.MapGet("/clients", static async (ClientSearch search, CancellationToken stop, string? q, int skip = 0, int take = 50, string order = "name") =>
                Json(await search.FindAsync(q, skip, take, Choice<ClientOrder>(order, "order"), stop).ConfigureAwait(false)))
            .Produces<ClientPage>().WithSummary("Looks for clients.");
        view.MapGet("/clients/facets", static async (ClientSearch search, CancellationToken stop, string? q, string? axes) =>
                Json(await search.CountAsync(q, axes?.Split(',', StringSplitOptions.TrimEntries), stop).ConfigureAwait(false)))
            .Produces<IReadOnlyList<Facet>>().WithSummary("Counts the clients that a query finds, on each axis.");
        view.MapGet("/clients/fields", static () => Json(ClientSearch.Fields)).Produces<IReadOnlyList<SearchFieldHelp>>().WithSummary("Lists the fields of the query language.");
        view.MapGet("/clients/export.csv", static async (HttpContext context, ClientSearch search, string? q) =>
        {
            await BeginExportAsync(context, search, q, "text/csv; charset=utf-8", "clients.csv").ConfigureAwait(false);
            await ClientExport.WriteCsvAsync(search.EnumerateAsync(q, context.RequestAborted), context.Response.Body, context.RequestAborted).ConfigureAwait(false);
            return Results.Empty;
        }).Produces(StatusCodes.Status200OK, contentType: "text/csv").WithSummary("All clients that a query finds, as CSV.");
        view.MapGet("/clients/export.json", static async (HttpContext context, ClientSearch search, string? q) =>
        {
            await BeginExportAsync(context, search, q, "application/json", "clients.json").ConfigureAwait(false);
            await ClientExport.WriteJsonAsync(search.EnumerateAsync(q, context.RequestAborted), context.Response.Body, context.RequestAborted).ConfigureAwait(false);
            return Results.Empty;
        }).Produces<IReadOnlyList<ClientSummary>>().WithSummary("All clients that a query finds, as JSON.");
        view.MapGet("/clients/{id:guid}", static async (Guid id, ClientRegistry registry, CancellationToken stop) => Json(await registry.GetAsync(id, stop).ConfigureAwait(false)))
            .Produces<ClientDetails>().WithSummary("Everything that is known of a client, with the evidence of its tag.");
        operate.MapPost("/clients/move", static async (HttpContext context, ClientRegistry registry) =>
        {
            Requests.Move request = await RequestBody.ReadAsync<Requests.Move>(context).ConfigureAwait(false);
            return Json(new Requests.Count(await registry.MoveAsync(request.Ids, request.GroupId, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false)));
        }).Accepts<Requests.Move>("application/json").Produces<Requests.Count>().WithSummary("Moves clients into a group.");
        operate.MapPost("/clients/delete", static async (HttpContext context, ClientRegistry registry) =>
        {
            Requests.Choice request = await RequestBody.ReadAsync<Requests.Choice>(context).ConfigureAwait(false);
            return Json(new Requests.Count(await registry.DeleteAsync(request.Ids, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false)));
        }).Accepts<Requests.Choice>("application/json").Produces<Requests.Count>().WithSummary("Deletes clients: their secrets count no longer.");
        operate.MapPost("/clients/{id:guid}/clear-standing", static async (Guid id, HttpContext context, ClientRegistry registry) =>
        {
            await registry.ClearStandingAsync(id, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false);
            return Results.NoContent();
        }).WithSummary("Takes the flag of a clone or a ghost away.");

        view.MapGet("/groups", static async (GroupTree groups, CancellationToken stop) => Json(await groups.ListAsync(stop).ConfigureAwait(false)))
            .Produces<IReadOnlyList<ClientGroup>>().WithSummary("Lists the groups.");
        operate.MapPost("/groups", static async (HttpContext context, GroupTree groups) =>
        {
            Requests.Group request = await RequestBody.ReadAsync<Requests.Group>(context).ConfigureAwait(false);
            return Json(await groups.AddAsync(request.ParentId, request.Name, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false), StatusCodes.Status201Created);
        }).Accepts<Requests.Group>("application/json").Produces<ClientGroup>(StatusCodes.Status201Created).WithSummary("Makes a group.");
        operate.MapPut("/groups/{id:int}", static async (int id, HttpContext context, GroupTree groups) =>
        {
            Requests.Group request = await RequestBody.ReadAsync<Requests.Group>(context).ConfigureAwait(false);
            await groups.RenameAsync(id, request.Name, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false);
            return Results.NoContent();
        }).Accepts<Requests.Group>("application/json").WithSummary("Gives a group another name.");
        operate.MapDelete("/groups/{id:int}", static async (int id, HttpContext context, GroupTree groups) =>
        {
            await groups.DeleteAsync(id, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false);
            return Results.NoContent();
        }).WithSummary("Deletes an empty group.");

        operate.MapGet("/tokens", static async (EnrolmentTokens tokens, CancellationToken stop) => Json(await tokens.ListAsync(stop).ConfigureAwait(false)))
            .Produces<IReadOnlyList<EnrolmentTokenDocument>>().WithSummary("Lists enrolment tokens, without what machines show.");
        operate.MapPost("/tokens", static async (HttpContext context, EnrolmentTokens tokens) =>
        {
            EnrolmentTokenRequest request = await RequestBody.ReadAsync<EnrolmentTokenRequest>(context).ConfigureAwait(false);
            return Json(await tokens.AddAsync(request, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false), StatusCodes.Status201Created);
        }).Accepts<EnrolmentTokenRequest>("application/json").Produces<NewEnrolmentToken>(StatusCodes.Status201Created).WithSummary("Makes an enrolment token, told this once.");
        operate.MapDelete("/tokens/{id:int}", static async (int id, HttpContext context, EnrolmentTokens tokens) =>
        {
            await tokens.RevokeAsync(id, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false);
            return Results.NoContent();
        }).WithSummary("Takes an enrolment token back.");
    }

    private static void MapPolicies(RouteGroupBuilder view, RouteGroupBuilder operate)
    {
        view.MapGet("/groups/{id:int}/policy", static async (int id, PolicyStore policies, CancellationToken stop) => Json(await policies.EffectiveAsync(id, stop).ConfigureAwait(false)))
            .Produces<EffectivePolicy>().WithSummary("What clients of a group are told, and from where it comes.");
        view.MapGet("/groups/{id:int}/policy/history", static async (int id, PolicyStore policies, CancellationToken stop, int count = 50) =>
                Json(await policies.HistoryAsync(id, count, stop).ConfigureAwait(false)))
            .Produces<IReadOnlyList<PolicyVersion>>().WithSummary("The versions of a group's own policy, the newest first.");
        operate.MapPut("/groups/{id:int}/policy", static async (int id, HttpContext context, PolicyStore policies) =>
        {
            Requests.PolicyChange request = await RequestBody.ReadAsync<Requests.PolicyChange>(context, WireLimits.MaxPolicyLength).ConfigureAwait(false);
            PolicyDocument? policy = request.Policy is { ValueKind: not JsonValueKind.Null } document ? PolicyDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(document)) : null;
            return Json(await policies.SetAsync(id, policy, request.Comment, ManagementAccess.ActorOf(context), request.ExpectedNumber, context.RequestAborted).ConfigureAwait(false));
        }).Accepts<Requests.PolicyChange>("application/json").Produces<PolicyVersion>().WithSummary("Sets a group's policy; null has it follow the group above.");
        operate.MapPost("/groups/{id:int}/policy/restore", static async (int id, HttpContext context, PolicyStore policies) =>
        {
            Requests.Restore request = await RequestBody.ReadAsync<Requests.Restore>(context).ConfigureAwait(false);
            return Json(await policies.RestoreAsync(id, request.Number, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false));
        }).Accepts<Requests.Restore>("application/json").Produces<PolicyVersion>().WithSummary("Brings an earlier version back.");

        view.MapGet("/recalls", static async (RecallStore recalls, CancellationToken stop) => Json(await recalls.ListAsync(stop).ConfigureAwait(false)))
            .Produces<IReadOnlyList<RecallEntry>>().WithSummary("Lists the recalled contents.");
        operate.MapPost("/recalls", static async (HttpContext context, RecallStore recalls) =>
        {
            Requests.Recall request = await RequestBody.ReadAsync<Requests.Recall>(context).ConfigureAwait(false);
            return Json(await recalls.AddAsync(request.Hash, request.Threat, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false));
        }).Accepts<Requests.Recall>("application/json").Produces<RecallEntry>().WithSummary("Recalls a content: clients scan it whatever was sealed or voted.");
        view.MapGet("/recalls/{hash}", static async (string hash, RecallStore recalls, CancellationToken stop) => Json(await recalls.ReachAsync(Hash(hash), stop).ConfigureAwait(false)))
            .Produces<RecallReach>().WithSummary("Which clients and seals relied on a content, recalled or not.");
        operate.MapDelete("/recalls/{hash}", static async (string hash, HttpContext context, RecallStore recalls) =>
        {
            await recalls.LiftAsync(Hash(hash), ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false);
            return Results.NoContent();
        }).WithSummary("Lifts a recall.");
    }

    private static void MapResults(RouteGroupBuilder view, RouteGroupBuilder operate)
    {
        _ = operate;
        view.MapGet("/scans", static async (ResultStore results, CancellationToken stop, Guid? client, long? before, int count = 100) =>
                Json(await results.ScansAsync(client, before, count, stop).ConfigureAwait(false)))
            .Produces<IReadOnlyList<ScanEntry>>().WithSummary("Lists scans, the newest first.");
        view.MapGet("/detections", static async (ResultStore results, CancellationToken stop, Guid? client, string? hash, string? threat, DateTimeOffset? since, DateTimeOffset? until, long? before, int count = 100) =>
            Json(await results.DetectionsAsync(
                new DetectionFilter { ClientId = client, Hash = hash is null ? null : Hash(hash), Threat = threat, Since = since, Until = until, Before = before, Count = count }, stop).ConfigureAwait(false)))
            .Produces<IReadOnlyList<DetectionEntry>>().WithSummary("Lists detections, the newest first.");
        view.MapGet("/reports/overview", static async (Reports reports, CancellationToken stop) => Json(await reports.OverviewAsync(stop).ConfigureAwait(false)))
            .Produces<Overview>().WithSummary("How things stand, on one page.");
        view.MapGet("/reports/savings", static async (Reports reports, CancellationToken stop, DateOnly from, DateOnly to, string by = "day", Guid? client = null, int count = 100) =>
                Json(await reports.SavingsAsync(Choice<SavingAxis>(by, "by"), from, to, client, count, stop).ConfigureAwait(false)))
            .Produces<IReadOnlyList<SavingTotal>>().WithSummary("What was not scanned, by day, client, image or exemption.");
        view.MapGet("/reports/detections", static async (Reports reports, CancellationToken stop, DateOnly from, DateOnly to) =>
                Json(await reports.DetectionsByDayAsync(from, to, stop).ConfigureAwait(false)))
            .Produces<IReadOnlyList<DayCount>>().WithSummary("Detections by day.");
        view.MapGet("/reports/threats", static async (Reports reports, CancellationToken stop, DateTimeOffset since, int count = 20) =>
                Json(await reports.ThreatsAsync(since, count, stop).ConfigureAwait(false)))
            .Produces<IReadOnlyList<NameCount>>().WithSummary("The most frequent threats.");
    }

    private static void MapAccounts(RouteGroupBuilder administer)
    {
        administer.MapGet("/administrators", static async (Administrators administrators, CancellationToken stop) => Json(await administrators.ListAsync(stop).ConfigureAwait(false)))
            .Produces<IReadOnlyList<AdministratorDocument>>().WithSummary("Lists the accounts.");
        administer.MapPost("/administrators", static async (HttpContext context, Administrators administrators) =>
        {
            Requests.Account request = await RequestBody.ReadAsync<Requests.Account>(context).ConfigureAwait(false);
            return Json(
                await administrators.AddAsync(request.Name, request.Role, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false), StatusCodes.Status201Created);
        }).Accepts<Requests.Account>("application/json").Produces<NewAdministrator>(StatusCodes.Status201Created).WithSummary("Makes an account with a one-time password.");
        administer.MapPatch("/administrators/{id:int}", static async (int id, HttpContext context, Administrators administrators) =>
        {
            Requests.AccountChange request = await RequestBody.ReadAsync<Requests.AccountChange>(context).ConfigureAwait(false);
            return Json(await administrators.ChangeAsync(id, request.Role, request.Disabled, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false));
        }).Accepts<Requests.AccountChange>("application/json").Produces<AdministratorDocument>().WithSummary("Changes what an account may do.");
        administer.MapPost("/administrators/{id:int}/reset-password", static async (int id, HttpContext context, Administrators administrators) =>
                Json(await administrators.ResetPasswordAsync(id, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false)))
            .Produces<NewAdministrator>().WithSummary("Sets a password back to a one-time one.");
        administer.MapDelete("/administrators/{id:int}", static async (int id, HttpContext context, Administrators administrators) =>
        {
            await administrators.DeleteAsync(id, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false);
            return Results.NoContent();
        }).WithSummary("Deletes an account.");
        administer.MapGet("/keys", static async (ApiKeys keys, CancellationToken stop) => Json(await keys.ListAsync(stop).ConfigureAwait(false)))
            .Produces<IReadOnlyList<ApiKeyDocument>>().WithSummary("Lists the keys of scripts.");
        administer.MapPost("/keys", static async (HttpContext context, ApiKeys keys) =>
        {
            Requests.Key request = await RequestBody.ReadAsync<Requests.Key>(context).ConfigureAwait(false);
            return Json(
                await keys.AddAsync(
                    ManagementAccess.IdOf(context.User), request.Name, request.Role, request.Days, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false),
                StatusCodes.Status201Created);
        }).Accepts<Requests.Key>("application/json").Produces<NewApiKey>(StatusCodes.Status201Created).WithSummary("Makes a key of one's own account, told this once.");
        administer.MapDelete("/keys/{id:int}", static async (int id, HttpContext context, ApiKeys keys) =>
        {
            await keys.RevokeAsync(id, ManagementAccess.ActorOf(context), context.RequestAborted).ConfigureAwait(false);
            return Results.NoContent();
        }).WithSummary("Takes a key back.");
        administer.MapGet("/audit", static async (AuditLog audit, CancellationToken stop, long? before, string? actor, int count = 100) =>
                Json(await audit.ReadAsync(before, actor, count, stop).ConfigureAwait(false)))
            .Produces<IReadOnlyList<AuditEntry>>().WithSummary("What administrators did, the newest first.");
    }

    private static async Task BeginExportAsync(HttpContext context, ClientSearch search, string? query, string type, string name)
    {
        await search.RequireAsync(query, context.RequestAborted).ConfigureAwait(false);
        context.Response.ContentType = type;
        context.Response.Headers.ContentDisposition = $"attachment; filename={name}";
        context.Response.Headers.XContentTypeOptions = "nosniff";
    }

    private static IResult Json<T>(T value, int status = StatusCodes.Status200OK) => Results.Json(value, ServerJson.Options, statusCode: status);

    private static ContentHash Hash(string text)
        => ContentHash.TryParse(text, null, out ContentHash hash) ? hash : throw ManagementException.Invalid("hash: a content is named by the 64 hexadecimal digits of its SHA-256.");

    private static T Choice<T>(string text, string member)
        where T : struct, Enum
        => Enum.GetValues<T>().Where(choice => string.Equals(choice.ToString(), text, StringComparison.OrdinalIgnoreCase)).Select(static choice => (T?)choice).FirstOrDefault()
            ?? throw ManagementException.Invalid($"{member}: one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()} is needed.");
}
