using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Management.Server;
using Symantec.Virtualization.Management.Server.WebConsole;
using Symantec.Virtualization.Management.Server.WebConsole.Pages;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds the manager's console to a host.</summary>
public static class ManagementConsoleExtensions
{
    /// <summary>Adds what the console needs besides the manager itself.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">What it shows.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddManagementConsole(this IServiceCollection services, Action<ManagementConsoleOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<ManagementConsoleOptions>().Configure(configure ?? (static _ => { }));
        services.TryAddSingleton(static p => new InsightCacheProbe(
            p.GetRequiredService<PolicyStore>(), p.GetRequiredService<GroupTree>(), p.GetRequiredService<IOptions<ManagementConsoleOptions>>(), p.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>Maps the console: pages without script below <c>/console/</c>, for administrators who have signed in.</summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <returns>The endpoints, to be narrowed to a port or a policy of the host's own.</returns>
    /// <exception cref="InvalidOperationException">The console was not added to the services.</exception>
    public static IEndpointConventionBuilder MapManagementConsole(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<InsightCacheProbe>() is null)
        {
            throw new InvalidOperationException("The console is not among the services: call services.AddManagementConsole() first.");
        }

        RouteGroupBuilder console = endpoints.MapGroup(Link.Root);
        console.MapGet(Layout.Style, static context => WriteResourceAsync(context, "console.css", "text/css; charset=utf-8"));
        console.MapGet("/icon.svg", static context => WriteResourceAsync(context, "console-icon.svg", "image/svg+xml"));
        MapAccess(console);
        MapClients(console);
        MapPolicies(console);
        MapAdministration(console);
        return console;
    }

    private static void MapAccess(RouteGroupBuilder console)
    {
        console.MapGet("/sign-in", static context => ConsoleGuard.RunAsync(context, null, true, 0, SignInPage.ShowAsync));
        console.MapPost("/sign-in", static context => ConsoleGuard.RunAsync(context, null, true, 0, SignInPage.SignInAsync));
        console.MapPost("/sign-out", static context => ConsoleGuard.RunAsync(context, null, false, 0, SignInPage.SignOutAsync));
        console.MapGet("/password", static context => ConsoleGuard.RunAsync(context, null, false, 0, PasswordPage.ShowAsync));
        console.MapPost("/password", static context => ConsoleGuard.RunAsync(context, null, false, 0, PasswordPage.ChangeAsync));
        View(console, "/", OverviewPage.ShowAsync);
        console.MapFallback(static context => ConsoleGuard.RunAsync(
            context, AdministratorRole.View, false, 0, static request => ConsoleGuard.RefuseAsync(request, StatusCodes.Status404NotFound, "Not found", "There is no such page.")));
    }

    private static void MapClients(RouteGroupBuilder console)
    {
        View(console, "/clients", ClientsPage.ShowAsync);
        View(console, "/clients/{id:guid}", ClientDetailsPage.ShowAsync);
        Operate(console, "/clients/{id:guid}/move", ClientDetailsPage.MoveAsync);
        Operate(console, "/clients/{id:guid}/delete", ClientDetailsPage.DeleteAsync);
        Operate(console, "/clients/{id:guid}/clear-standing", ClientDetailsPage.ClearStandingAsync);
        View(console, "/detections", DetectionsPage.ShowAsync);
        View(console, "/reports", ReportsPage.ShowAsync);
        View(console, "/recalls", RecallsPage.ShowAsync);
        Operate(console, "/recalls", RecallsPage.RecallAsync);
        Operate(console, "/recalls/lift", RecallsPage.LiftAsync);
    }

    private static void MapPolicies(RouteGroupBuilder console)
    {
        View(console, "/groups", GroupsPage.ShowAsync);
        Operate(console, "/groups", GroupsPage.AddAsync);
        View(console, "/groups/{id:int}", PolicyPage.ShowAsync);
        Operate(console, "/groups/{id:int}/rename", GroupsPage.RenameAsync);
        Operate(console, "/groups/{id:int}/delete", GroupsPage.DeleteAsync);
        Operate(console, "/groups/{id:int}/policy", PolicyPage.SetAsync, PolicyPage.MaxForm);
        Operate(console, "/groups/{id:int}/policy/document", PolicyPage.SetDocumentAsync, PolicyPage.MaxForm);
        Operate(console, "/groups/{id:int}/policy/inherit", PolicyPage.InheritAsync);
        Operate(console, "/groups/{id:int}/policy/restore", PolicyPage.RestoreAsync);
    }

    private static void MapAdministration(RouteGroupBuilder console)
    {
        Page(console, "/tokens", AdministratorRole.Operate, TokensPage.ShowAsync);
        Operate(console, "/tokens", TokensPage.AddAsync);
        Operate(console, "/tokens/{id:int}/revoke", TokensPage.RevokeAsync);
        Page(console, "/accounts", AdministratorRole.Administer, AccountsPage.ShowAsync);
        Form(console, "/accounts", AccountsPage.AddAsync);
        Form(console, "/accounts/{id:int}", AccountsPage.ChangeAsync);
        Form(console, "/accounts/{id:int}/reset-password", AccountsPage.ResetPasswordAsync);
        Form(console, "/accounts/{id:int}/delete", AccountsPage.DeleteAsync);
        Page(console, "/keys", AdministratorRole.Administer, KeysPage.ShowAsync);
        Form(console, "/keys", KeysPage.AddAsync);
        Form(console, "/keys/{id:int}/revoke", KeysPage.RevokeAsync);
        Page(console, "/audit", AdministratorRole.Administer, AuditPage.ShowAsync);
    }

    private static void View(RouteGroupBuilder console, string pattern, Func<ConsoleRequest, Task> page) => Page(console, pattern, AdministratorRole.View, page);

    private static void Page(RouteGroupBuilder console, string pattern, AdministratorRole role, Func<ConsoleRequest, Task> page)
        => console.MapGet(pattern, context => ConsoleGuard.RunAsync(context, role, false, 0, page));

    private static void Operate(RouteGroupBuilder console, string pattern, Func<ConsoleRequest, Task> form, int longest = 0)
        => console.MapPost(pattern, context => ConsoleGuard.RunAsync(context, AdministratorRole.Operate, false, longest, form));

    private static void Form(RouteGroupBuilder console, string pattern, Func<ConsoleRequest, Task> form)
        => console.MapPost(pattern, context => ConsoleGuard.RunAsync(context, AdministratorRole.Administer, false, 0, form));

    private static async Task WriteResourceAsync(HttpContext context, string name, string type)
    {
        ConsoleGuard.Protect(context.Response);
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "max-age=300";
        using Stream resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        await resource.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }
}
