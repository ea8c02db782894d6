namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>Somebody's own password; the first page of whoever has a one-time one.</summary>
internal static class PasswordPage
{
    public static Task ShowAsync(ConsoleRequest request) => ShowAsync(request, null);

    public static Task ChangeAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            string next = request.Form("next");
            if (next != request.Form("again"))
            {
                throw ManagementException.Invalid("again: this is not the same as the new password.");
            }

            string name = request.Actor.Name;
            try
            {
                await request.Get<Administrators>().ChangePasswordAsync(
                    ManagementAccess.IdOf(request.Context.User), request.Form("current"), next, request.Actor, request.Stop).ConfigureAwait(false);
            }
            catch (ManagementException e) when (e.Fault == ManagementFault.Unauthenticated)
            {
                throw new ManagementException(ManagementFault.Invalid, "current: this is not your password, or the account is locked after too many wrong ones.");
            }

            await request.Get<Sessions>().SignInAsync(request.Context, name, next).ConfigureAwait(false);
            return Link.With(request.At("/"), ("done", "password"));
        },
        notice => ShowAsync(request, notice));

    private static Task ShowAsync(ConsoleRequest request, Notice? notice) => request.PageAsync(
        request.MustChangePassword ? "Choose a password" : "Your password",
        $"""
        {notice?.Show(hasField: true)}
        {Markup.If(request.MustChangePassword, () => $"""<p>You have signed in with a password that counts once. Choose one of your own; then the console opens.</p>""")}
        {request.FormOf(
            request.At("/password"),
            $"""
            {new Field("current", "Password until now", notice).Text(null, "password", "current-password", true, Administrators.MaxPassword)}
            {new Field("next", "New password", notice, $"{Administrators.MinPassword} to {Administrators.MaxPassword} characters.").Text(null, "password", "new-password", true, Administrators.MaxPassword)}
            {new Field("again", "New password, once more", notice).Text(null, "password", "new-password", true, Administrators.MaxPassword)}
            <p class="buttons"><button type="submit">Change the password</button></p>
            """,
            "card narrow")}
        """,
        request.StatusAfter(notice));
}
