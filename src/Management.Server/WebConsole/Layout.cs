using Microsoft.AspNetCore.Http;

namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>What is the same on every page.</summary>
internal static class Layout
{
    public const string Style = "/console.css";

    private static readonly (string Path, string Name, AdministratorRole Role)[] Sections =
    [
        ("/", "Overview", AdministratorRole.View),
        ("/clients", "Clients", AdministratorRole.View),
        ("/groups", "Groups and policies", AdministratorRole.View),
        ("/detections", "Detections", AdministratorRole.View),
        ("/reports", "Reports", AdministratorRole.View),
        ("/recalls", "Recalls", AdministratorRole.View),
        ("/tokens", "Enrolment", AdministratorRole.Operate),
        ("/accounts", "Accounts", AdministratorRole.Administer),
        ("/keys", "API keys", AdministratorRole.Administer),
        ("/audit", "Audit log", AdministratorRole.Administer),
    ];

    public static Markup Page(ConsoleRequest request, string title, Markup content)
    {
        return
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{title} · Manager</title>
            <link rel="stylesheet" href="{request.At(Style)}">
            <link rel="icon" type="image/svg+xml" href="{request.At("/icon.svg")}">
            </head>
            <body{(request.May(AdministratorRole.View) ? Markup.None : (Markup)$""" class="alone" """)}>
            <a class="skip" href="#content">Skip to the content</a>
            <header><p class="brand"><a href="{request.At("/")}">Virtualization manager</a></p>{Account(request)}</header>
            {Navigation(request)}
            <main id="content" tabindex="-1">
            <h1>{title}</h1>
            {content}
            </main>
            </body>
            </html>
            """;
    }

    public static int StatusOf(ManagementFault fault) => fault switch
    {
        ManagementFault.NotFound => StatusCodes.Status404NotFound,
        ManagementFault.Conflict => StatusCodes.Status409Conflict,
        ManagementFault.Unauthenticated => StatusCodes.Status401Unauthorized,
        ManagementFault.Forbidden => StatusCodes.Status403Forbidden,
        ManagementFault.TooMany => StatusCodes.Status429TooManyRequests,
        _ => StatusCodes.Status400BadRequest,
    };

    private static Markup Account(ConsoleRequest request)
    {
        if (!request.IsSignedIn)
        {
            return Markup.None;
        }

        string role = request.May(AdministratorRole.Administer) ? "may administer" : request.MayOperate ? "may operate" : "may look";
        return
            $"""
            <div class="account"><a href="{request.At("/password")}" title="Change your password">{request.Actor.Name}</a>{(request.MustChangePassword ? Markup.None : $"""<span class="quiet">{role}</span>""")}
            {request.Button(request.At("/sign-out"), "Sign out")}</div>
            """;
    }

    private static Markup Navigation(ConsoleRequest request) => !request.May(AdministratorRole.View)
        ? Markup.None
        : $"""
          <nav aria-label="Console"><ul>
          {Markup.Each(Sections.Where(section => request.May(section.Role)), section => $"""<li><a href="{request.At(section.Path)}"{Current(request, section.Path)}>{section.Name}</a></li>""")}
          </ul></nav>
          """;

    private static Markup Current(ConsoleRequest request, string section)
    {
        string path = request.Path[Math.Min(request.Path.Length, Link.Root.Length)..];
        return section == "/" ? path is "" or "/" ? $""" aria-current="page" """ : Markup.None
            : path == section ? $""" aria-current="page" """
            : path.StartsWith(section + "/", StringComparison.Ordinal) ? $""" aria-current="true" """
            : Markup.None;
    }
}
