using System.Globalization;

namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>The keys of scripts.</summary>
internal static class KeysPage
{
    public static Task ShowAsync(ConsoleRequest request) => ShowAsync(request, request.Done, null);

    public static async Task AddAsync(ConsoleRequest request)
    {
        NewApiKey made;
        try
        {
            int? days = request.Form("days").Trim().Length == 0 ? null : request.Number("days");
            made = await request.Get<ApiKeys>().AddAsync(
                ManagementAccess.IdOf(request.Context.User), request.Form("name"), AccountsPage.RoleOf(request), days, request.Actor, request.Stop).ConfigureAwait(false);
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
            await request.Get<ApiKeys>().RevokeAsync(request.RouteNumber("id"), request.Actor, request.Stop).ConfigureAwait(false);
            return Link.With(request.At("/keys"), ("done", "key-revoked"));
        },
        notice => ShowAsync(request, notice, null));

    private static async Task ShowAsync(ConsoleRequest request, Notice? notice, NewApiKey? made)
    {
        IReadOnlyList<ApiKeyDocument> keys = await request.Get<ApiKeys>().ListAsync(request.Stop).ConfigureAwait(false);
        bool again = notice is { IsError: true };
        await request.PageAsync(
            "API keys",
            $"""
            {notice?.Show(hasField: true)}
            {Markup.If(made is not null, () => Secret.Show("The key", made!.Key, "Scripts show it in the header X-Api-Key."))}
            {request.FormOf(
                request.At("/keys"),
                $"""
                <h2>New key of your account</h2>
                {new Field("name", "What is it for?", notice).Text(again ? request.Form("name") : null, isRequired: true, most: 64)}
                {new Field("role", "It may do no more than", notice).Choice(AccountsPage.Roles, again ? request.Form("role") : "View")}
                {new Field("days", "It counts for … days", notice, "Empty: for ever.").Text(again ? request.Form("days") : "365", "number")}
                <p class="buttons"><button type="submit">Make the key</button></p>
                """,
                "card row")}
            <h2>Keys</h2>
            {(keys.Count == 0 ? (Markup)$"""<p class="empty">There is no key yet.</p>""" : Table(request, keys))}
            <p>What scripts can ask is told by the <a href="{request.Context.Request.PathBase.ToString()}/api/v1/openapi/management.json">OpenAPI document</a>.</p>
            """,
            request.StatusAfter(notice)).ConfigureAwait(false);
    }

    private static Markup Table(ConsoleRequest request, IReadOnlyList<ApiKeyDocument> keys) =>
        $"""
        <div class="scroll" role="region" aria-label="Keys" tabindex="0"><table><caption class="away">API keys</caption><thead><tr>
        <th scope="col">Name</th><th scope="col">Account</th><th scope="col">Role</th><th scope="col">Made</th><th scope="col">Counts until</th><th scope="col">Last shown</th><th scope="col">Change</th></tr></thead><tbody>
        {Markup.Each(keys, key => Row(request, key))}
        </tbody></table></div>
        """;

    private static Markup Row(ConsoleRequest request, ApiKeyDocument key) =>
        $"""
        <tr><th scope="row">{key.Name}</th><td>{key.Administrator}</td><td>{Words.Plain(key.Role)}</td><td class="still">{Words.Time(key.Created)}</td>
        <td class="still">{(key.Expires is null ? (Markup)$"for ever" : Words.Time(key.Expires))}</td><td class="still">{Words.Time(key.LastUsed)}</td>
        <td>{request.Button(request.At($"/keys/{key.Id.ToString(CultureInfo.InvariantCulture)}/revoke"), "Take back", key.Name)}</td></tr>
        """;
}
