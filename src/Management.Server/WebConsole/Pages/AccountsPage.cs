using System.Globalization;

namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>The accounts of people, and what they may do.</summary>
internal static class AccountsPage
{
    /// <summary>The roles, for a choice.</summary>
    public static readonly (string Value, string Label)[] Roles = [("View", "View: to look"), ("Operate", "Operate: to change policies, groups, clients and recalls"), ("Administer", "Administer: everything")];

    public static Task ShowAsync(ConsoleRequest request) => ShowAsync(request, request.Done, null);

    public static Task AddAsync(ConsoleRequest request)
        => TellAsync(request, () => request.Get<Administrators>().AddAsync(request.Form("name"), RoleOf(request), request.Actor, request.Stop));

    public static Task ResetPasswordAsync(ConsoleRequest request)
        => TellAsync(request, () => request.Get<Administrators>().ResetPasswordAsync(request.RouteNumber("id"), request.Actor, request.Stop));

    public static Task ChangeAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            await request.Get<Administrators>().ChangeAsync(request.RouteNumber("id"), RoleOf(request), request.IsOn("disabled"), request.Actor, request.Stop).ConfigureAwait(false);
            return Link.With(request.At("/accounts"), ("done", "account-changed"));
        },
        notice => ShowAsync(request, notice, null));

    public static Task DeleteAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            await request.Get<Administrators>().DeleteAsync(request.RouteNumber("id"), request.Actor, request.Stop).ConfigureAwait(false);
            return Link.With(request.At("/accounts"), ("done", "account-deleted"));
        },
        notice => ShowAsync(request, notice, null));

    public static AdministratorRole RoleOf(ConsoleRequest request) => Roles.Any(role => role.Value == request.Form("role"))
        ? Enum.Parse<AdministratorRole>(request.Form("role")) : throw ManagementException.Invalid("role: view, operate or administer is needed.");

    private static async Task TellAsync(ConsoleRequest request, Func<Task<NewAdministrator>> make)
    {
        NewAdministrator made;
        try
        {
            made = await make().ConfigureAwait(false);
        }
        catch (ManagementException e) when (e.Fault is ManagementFault.Invalid or ManagementFault.Conflict)
        {
            await ShowAsync(request, Notice.Error(e.Message), null).ConfigureAwait(false);
            return;
        }

        await ShowAsync(request, null, made).ConfigureAwait(false);
    }

    private static async Task ShowAsync(ConsoleRequest request, Notice? notice, NewAdministrator? made)
    {
        IReadOnlyList<AdministratorDocument> accounts = await request.Get<Administrators>().ListAsync(request.Stop).ConfigureAwait(false);
        await request.PageAsync(
            "Accounts",
            $"""
            {notice?.Show(hasField: true)}
            {Markup.If(made is not null, () => Secret.Show($"The one-time password of {made!.Administrator.Name}", made.OneTimePassword, "It signs in once, to choose another."))}
            {request.FormOf(
                request.At("/accounts"),
                $"""
                <h2>New account</h2>
                {new Field("name", "Name", notice).Text(notice is { IsError: true } ? request.Form("name") : null, complete: "off", isRequired: true, most: 64)}
                {new Field("role", "Role", notice).Choice(Roles, "View")}
                <p class="buttons"><button type="submit">Make the account</button></p>
                """,
                "card row")}
            <h2>Accounts</h2>
            <div class="scroll" role="region" aria-label="Accounts" tabindex="0"><table><caption class="away">Accounts</caption><thead><tr>
            <th scope="col">Name</th><th scope="col">State</th><th scope="col">Made</th><th scope="col">Role</th><th scope="col">Change</th></tr></thead><tbody>
            {Markup.Each(accounts, account => Row(request, account))}
            </tbody></table></div>
            """,
            request.StatusAfter(notice)).ConfigureAwait(false);
    }

    private static Markup Row(ConsoleRequest request, AdministratorDocument account)
    {
        string id = account.Id.ToString(CultureInfo.InvariantCulture);
        string at = request.At("/accounts/" + id);
        string state = account.Disabled ? "disabled" : account.LockedUntil > request.Now ? "locked" : account.MustChangePassword ? "one-time password" : "active";
        return
            $"""
            <tr><th scope="row">{account.Name}</th><td><span class="badge {(state == "active" ? "good" : "warn")}">{state}</span></td><td class="still">{Words.Time(account.Created)}</td>
            <td>{request.FormOf(
                at,
                $"""
                <label class="away" for="role-{id}">Role of {account.Name}</label><select id="role-{id}" name="role">{Markup.Each(Roles, role => $"""<option value="{role.Value}"{Field.Flag("selected", role.Value == account.Role.ToString())}>{role.Value}</option>""")}</select>
                <span class="check"><input id="disabled-{id}" type="checkbox" name="disabled" value="on"{Field.Flag("checked", account.Disabled)}><label for="disabled-{id}">disabled<span class="away"> {account.Name}</span></label></span>
                <button class="plain" type="submit">Save<span class="away"> {account.Name}</span></button>
                """,
                "inline")}</td>
            <td>{request.Button(at + "/reset-password", "New one-time password", $"for {account.Name}")} {request.Button(at + "/delete", "Delete", account.Name, "plain danger")}</td></tr>
            """;
    }
}
