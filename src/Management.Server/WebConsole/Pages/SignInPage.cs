namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>Signing in and out.</summary>
internal static class SignInPage
{
    public static Task ShowAsync(ConsoleRequest request) => request.IsSignedIn ? request.GoTo(request.At("/")) : ShowAsync(request, request.Done);

    public static Task SignInAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            SignedIn who = await request.Get<Sessions>().SignInAsync(request.Context, request.Form("name"), request.Form("password")).ConfigureAwait(false);
            return who.MustChangePassword ? request.At("/password") : request.Context.Request.PathBase + Link.Inside(request.Query("return"));
        },
        notice => ShowAsync(request, notice));

    public static async Task SignOutAsync(ConsoleRequest request)
    {
        await request.Get<Sessions>().SignOutAsync(request.Context).ConfigureAwait(false);
        await request.GoTo(Link.With(request.At("/sign-in"), ("done", "signed-out"))).ConfigureAwait(false);
    }

    private static Task ShowAsync(ConsoleRequest request, Notice? notice) => request.PageAsync(
        "Sign in",
        $"""
        {(notice is { IsError: true } ? $"""<div class="notice error" role="alert"><p>{notice.Text}</p></div>""" : notice?.Show())}
        {request.FormOf(
            Link.With(request.At("/sign-in"), ("return", request.Query("return"))),
            $"""
            {new Field("name", "Name").Text(null, complete: "username", isRequired: true, most: 64)}
            {new Field("password", "Password").Text(null, "password", "current-password", true, Administrators.MaxPassword)}
            <p class="buttons"><button type="submit">Sign in</button></p>
            """,
            "card narrow")}
        """,
        request.StatusAfter(notice));
}
