using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>A request for a page or by a form, and who sends it.</summary>
internal sealed class ConsoleRequest(HttpContext context)
{
    private string? _token;

    public HttpContext Context => context;

    public CancellationToken Stop => context.RequestAborted;

    public Actor Actor => ManagementAccess.ActorOf(context);

    public string Path => context.Request.Path;

    /// <summary>The address of a page of the console.</summary>
    public string At(string path) => context.Request.PathBase + Link.Root + path;

    public bool IsSignedIn => context.User.Identity?.IsAuthenticated == true;

    public bool MustChangePassword => context.User.HasClaim(ManagementAccess.ChangeClaim, "yes");

    public bool MayOperate => May(AdministratorRole.Operate);

    public DateTimeOffset Now => Get<TimeProvider>().GetUtcNow();

    /// <summary>What was done before this page was asked for.</summary>
    public Notice? Done => Notice.OfWord(Query("done"));

    public bool May(AdministratorRole role) => ManagementAccess.Has(context.User, role);

    public T Get<T>()
        where T : notnull
        => context.RequestServices.GetRequiredService<T>();

    public string? Query(string name) => context.Request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    /// <summary>A member of the form; browsers write line ends as CR LF.</summary>
    public string Form(string name) => context.Request.Form[name] is [{ } value, ..] ? value.Replace("\r\n", "\n", StringComparison.Ordinal) : "";

    public bool IsOn(string name) => context.Request.Form[name].Contains("on");

    public int Number(string name) => int.TryParse(Form(name), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number)
        ? number : throw ManagementException.Invalid($"{name}: a whole number is needed.");

    public int RouteNumber(string name) => int.Parse((string)context.Request.RouteValues[name]!, System.Globalization.CultureInfo.InvariantCulture);

    public Guid RouteId(string name) => Guid.Parse((string)context.Request.RouteValues[name]!);

    /// <summary>A form that only pages of this console can send.</summary>
    public Markup FormOf(string action, Markup content, string? cssClass = null)
    {
        _token ??= Get<IAntiforgery>().GetAndStoreTokens(context).RequestToken ?? "";
        return
            $"""
            <form method="post" action="{action}"{Field.Attribute("class", cssClass)}><input type="hidden" name="__RequestVerificationToken" value="{_token}">
            {content}
            </form>
            """;
    }

    /// <summary>A form that is one button.</summary>
    public Markup Button(string action, string label, string? about = null, string cssClass = "plain", params IEnumerable<(string Name, string Value)> hidden) => FormOf(
        action,
        $"""
        {Markup.Each(hidden, static pair => $"""<input type="hidden" name="{pair.Name}" value="{pair.Value}">""")}<button class="{cssClass}" type="submit">{label}{(about is null ? Markup.None : $"""<span class="away"> {about}</span>""")}</button>
        """,
        "inline");

    /// <summary>Answers a page.</summary>
    public Task PageAsync(string title, Markup content, int status = StatusCodes.Status200OK)
    {
        Markup page = Layout.Page(this, title, content);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(page.ToString(), Stop);
    }

    /// <summary>Has the browser ask for another page, so that a page loaded anew does not send the form again.</summary>
    public Task GoTo(string address)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = address;
        return Task.CompletedTask;
    }

    /// <summary>Does what a form asks for. What the services refuse is said on the form's own page.</summary>
    public async Task DoAsync(Func<Task<string>> act, Func<Notice, Task> refused)
    {
        string next;
        try
        {
            next = await act().ConfigureAwait(false);
        }
        catch (ManagementException e) when (e.Fault is ManagementFault.Invalid or ManagementFault.Conflict or ManagementFault.Unauthenticated or ManagementFault.TooMany)
        {
            context.Response.StatusCode = Layout.StatusOf(e.Fault);
            await refused(Notice.Error(e.Message)).ConfigureAwait(false);
            return;
        }

        await GoTo(next).ConfigureAwait(false);
    }

    /// <summary>The status of a page that says what was refused.</summary>
    public int StatusAfter(Notice? notice) => notice is { IsError: true } ? context.Response.StatusCode == StatusCodes.Status200OK ? StatusCodes.Status400BadRequest : context.Response.StatusCode : StatusCodes.Status200OK;
}
