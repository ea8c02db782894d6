using System.Globalization;

namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>The tokens by which machines enrol.</summary>
internal static class TokensPage
{
    public static Task ShowAsync(ConsoleRequest request) => ShowAsync(request, request.Done, null);

    /// <summary>Makes a token. It is told on the page that answers the form, and never again.</summary>
    public static async Task AddAsync(ConsoleRequest request)
    {
        NewEnrolmentToken made;
        try
        {
            string lifetime = request.Form("lifetimeHours").Trim();
            made = await request.Get<EnrolmentTokens>().AddAsync(
                new EnrolmentTokenRequest
                {
                    Note = request.Form("note"),
                    GroupId = request.Number("groupId"),
                    Hours = request.Number("hours"),
                    MaxUses = request.Number("maxUses"),
                    LifetimeSeconds = lifetime.Length == 0 ? null : request.Number("lifetimeHours") * 3600L,
                },
                request.Actor,
                request.Stop).ConfigureAwait(false);
        }
        catch (ManagementException e) when (e.Fault == ManagementFault.Invalid)
        {
            await ShowAsync(request, Notice.Error(e.Message), null).ConfigureAwait(false);
            return;
        }

        await ShowAsync(request, null, made).ConfigureAwait(false);
    }

    public static Task RevokeAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            await request.Get<EnrolmentTokens>().RevokeAsync(request.RouteNumber("id"), request.Actor, request.Stop).ConfigureAwait(false);
            return Link.With(request.At("/tokens"), ("done", "token-revoked"));
        },
        notice => ShowAsync(request, notice, null));

    private static async Task ShowAsync(ConsoleRequest request, Notice? notice, NewEnrolmentToken? made)
    {
        IReadOnlyList<EnrolmentTokenDocument> tokens = await request.Get<EnrolmentTokens>().ListAsync(request.Stop).ConfigureAwait(false);
        IReadOnlyList<ClientGroup> groups = await request.Get<GroupTree>().ListAsync(request.Stop).ConfigureAwait(false);
        Dictionary<int, string> paths = groups.ToDictionary(static group => group.Id, static group => group.Path);
        bool again = notice is { IsError: true };
        await request.PageAsync(
            "Enrolment",
            $"""
            {notice?.Show(hasField: true)}
            {Markup.If(made is not null, () => Secret.Show("The token", made!.Token, "Machines show it when they enrol."))}
            {request.FormOf(
                request.At("/tokens"),
                $"""
                <h2>New token</h2>
                {new Field("note", "What is it for?", notice).Text(again ? request.Form("note") : null, most: 128)}
                {new Field("groupId", "Its clients come into", notice).Choice(groups.Select(static g => (g.Id.ToString(CultureInfo.InvariantCulture), g.Path)), again ? request.Form("groupId") : "1")}
                {new Field("hours", "It counts for … hours", notice).Text(again ? request.Form("hours") : "24", "number", isRequired: true)}
                {new Field("maxUses", "It counts … times", notice).Text(again ? request.Form("maxUses") : "1", "number", isRequired: true)}
                {new Field("lifetimeHours", "Its clients are forgotten after … silent hours", notice, "Empty: as the manager's options say.").Text(again ? request.Form("lifetimeHours") : null, "number")}
                <p class="buttons"><button type="submit">Make the token</button></p>
                """,
                "card row")}
            <h2>Tokens</h2>
            {(tokens.Count == 0 ? (Markup)$"""<p class="empty">There is no token yet.</p>""" : Table(request, tokens, paths))}
            """,
            request.StatusAfter(notice)).ConfigureAwait(false);
    }

    private static Markup Table(ConsoleRequest request, IReadOnlyList<EnrolmentTokenDocument> tokens, Dictionary<int, string> paths) =>
        $"""
        <div class="scroll" role="region" aria-label="Tokens" tabindex="0"><table><caption class="away">Enrolment tokens, the newest first</caption><thead><tr>
        <th scope="col">Token</th><th scope="col">What for</th><th scope="col">Group</th><th scope="col">Made</th><th scope="col">Counts until</th><th scope="col" class="number">Used</th><th scope="col">State</th><th scope="col">Change</th></tr></thead><tbody>
        {Markup.Each(tokens, token => Row(request, token, paths.GetValueOrDefault(token.GroupId, "/")))}
        </tbody></table></div>
        """;

    private static Markup Row(ConsoleRequest request, EnrolmentTokenDocument token, string group)
    {
        string state = token.Revoked ? "taken back" : token.Uses >= token.MaxUses ? "used up" : token.Expires <= request.Now ? "expired" : "counts";
        return
            $"""
            <tr><th scope="row">{token.Id}</th><td>{token.Note}</td><td>{group}</td><td>{Words.Time(token.Created)} <span class="quiet">by {token.CreatedBy}</span></td><td class="still">{Words.Time(token.Expires)}</td>
            <td class="number">{Words.Number(token.Uses)} of {Words.Number(token.MaxUses)}</td><td>{(state == "counts" ? (Markup)$"""<span class="badge good">{state}</span>""" : $"""<span class="badge">{state}</span>""")}</td>
            <td>{Markup.If(state == "counts", () => request.Button(request.At($"/tokens/{token.Id.ToString(CultureInfo.InvariantCulture)}/revoke"), "Take back", $"token {token.Id.ToString(CultureInfo.InvariantCulture)}"))}</td></tr>
            """;
    }
}
