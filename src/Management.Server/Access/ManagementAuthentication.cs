using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.Management.Server;

/// <summary>Names of what a host refers to: the scheme by which administrators are known, and the policies of their roles.</summary>
public static class ManagementAccess
{
    /// <summary>The authentication scheme: a session's cookie, or an API key.</summary>
    public const string Scheme = "Management";

    /// <summary>The policy of whoever may look.</summary>
    public const string View = "management.view";

    /// <summary>The policy of whoever may change policies, groups, clients, tokens and recalls.</summary>
    public const string Operate = "management.operate";

    /// <summary>The policy of whoever may change administrators and keys.</summary>
    public const string Administer = "management.administer";

    /// <summary>The policy of whoever has signed in, even where nothing else may be done before another password is chosen.</summary>
    public const string SignedIn = "management.signed-in";

    /// <summary>The header with which scripts show a key.</summary>
    public const string ApiKeyHeader = "X-Api-Key";

    /// <summary>The header with which pages show that a request is their own.</summary>
    public const string AntiforgeryHeader = "X-Csrf-Token";

    internal const string RoleClaim = "management-role";
    internal const string ViaClaim = "management-via";
    internal const string ChangeClaim = "management-must-change-password";

    /// <summary>Tells who is signed in, as the audit log names them.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The administrator.</returns>
    public static Actor ActorOf(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Actor(context.User.Identity?.Name ?? "", Gate.AddressOf(context));
    }

    /// <summary>Tells whether whoever is signed in has a role.</summary>
    /// <param name="user">The user of the request.</param>
    /// <param name="role">The role.</param>
    /// <returns>Whether they have it, or one that includes it.</returns>
    public static bool Has(ClaimsPrincipal user, AdministratorRole role)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user.HasClaim(RoleClaim, role.ToString());
    }

    internal static bool CameByCookie(ClaimsPrincipal user) => user.HasClaim(ViaClaim, "cookie");

    internal static int IdOf(ClaimsPrincipal user)
        => int.Parse(user.FindFirstValue(ClaimTypes.NameIdentifier) ?? "0", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Tells who sends a request: by the cookie of a session, or by an API key. Whoever shows a wrong key is nobody, whatever cookie comes with it.</summary>
internal sealed class ManagementAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    Sessions sessions,
    ApiKeys keys,
    Gate gate,
    IOptions<ManagementServerOptions> options) : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, loggers, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.TryGetValue(ManagementAccess.ApiKeyHeader, out Microsoft.Extensions.Primitives.StringValues shown))
        {
            if (shown is [{ Length: > 0 and <= 128 } key] && await keys.FindAsync(key, Context.RequestAborted).ConfigureAwait(false) is { } owner)
            {
                return Success(owner, "key");
            }

            gate.CountFailure(Gate.AddressOf(Context));
            return AuthenticateResult.Fail("the key is wrong");
        }

        return await sessions.FindAsync(Context).ConfigureAwait(false) is { } signedIn ? Success(signedIn, "cookie") : AuthenticateResult.NoResult();
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (options.Value.SignInPath is { } path && HttpMethods.IsGet(Request.Method) && Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
        {
            Response.Redirect($"{Request.PathBase}{path}?return={Uri.EscapeDataString(Request.Path + Request.QueryString)}");
            return Task.CompletedTask;
        }

        return Problems.WriteAsync(Context, StatusCodes.Status401Unauthorized, "unauthenticated", "Sign in, or show an API key that counts.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Problems.WriteAsync(
        Context,
        StatusCodes.Status403Forbidden,
        "forbidden",
        Context.User.HasClaim(ManagementAccess.ChangeClaim, "yes") ? "Choose another password first." : "This takes another role.");

    private static AuthenticateResult Success(SignedIn who, string via)
    {
        List<Claim> claims =
        [
            new(ClaimTypes.NameIdentifier, who.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            new(ClaimTypes.Name, who.Name),
            new(ManagementAccess.ViaClaim, via),
        ];
        if (who.MustChangePassword)
        {
            claims.Add(new Claim(ManagementAccess.ChangeClaim, "yes"));
        }
        else
        {
            claims.AddRange(Enum.GetValues<AdministratorRole>().Where(role => role <= who.Role).Select(static role => new Claim(ManagementAccess.RoleClaim, role.ToString())));
        }

        ClaimsIdentity identity = new(claims, ManagementAccess.Scheme);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), ManagementAccess.Scheme));
    }
}
