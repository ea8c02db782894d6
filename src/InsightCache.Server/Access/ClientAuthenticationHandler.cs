using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Reads the credentials of a request: a client certificate, an API key, or a name with a password.</summary>
internal sealed class ClientAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, CacheServer server)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "InsightCache";

    private const string Basic = "Basic ";
    private const int MaxCredentials = 1024;

    /// <summary>A client's next request is told the same.</summary>
    private static readonly ConditionalWeakTable<ClientIdentity, AuthenticateResult> Known = [];

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        CredentialBook book = server.Credentials;
        if (Request.Headers.TryGetValue(Routes.ApiKeyHeader, out StringValues key))
        {
            return ResultOf(key is [{ Length: <= MaxCredentials } single] ? book.FindByApiKey(single) : null, "The API key is not known.");
        }

        string authorization = Request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
        {
            return ResultOf(await FindByPasswordAsync(book, authorization.AsMemory(Basic.Length)).ConfigureAwait(false), "The name or the password is wrong.");
        }

        if (Context.Connection.ClientCertificate is { } certificate)
        {
            return ResultOf(book.FindByCertificate(certificate), "The client certificate is not known.");
        }

        return AuthenticateResult.NoResult();
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Basic realm=\"Shared Insight Cache\", charset=\"UTF-8\"";
        return Problems.WriteAsync(Context, StatusCodes.Status401Unauthorized, "unauthenticated", "Credentials are needed.");
    }

    private static AuthenticateResult ResultOf(ClientIdentity? client, string otherwise) => client is null
        ? AuthenticateResult.Fail(otherwise)
        : Known.GetValue(client, static known => AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClientClaims(known)), SchemeName)));

    private async ValueTask<ClientIdentity?> FindByPasswordAsync(CredentialBook book, ReadOnlyMemory<char> encoded)
    {
        byte[] bytes = new byte[MaxCredentials];
        if (encoded.Length > MaxCredentials || !Convert.TryFromBase64Chars(encoded.Span, bytes, out int length))
        {
            return null;
        }

        string credentials = Encoding.UTF8.GetString(bytes.AsSpan(0, length));
        int end = credentials.IndexOf(':', StringComparison.Ordinal);
        return end < 0 ? null : await book.FindByPasswordAsync(credentials[..end], credentials[(end + 1)..], Context.Connection.RemoteIpAddress, Context.RequestAborted).ConfigureAwait(false);
    }
}

/// <summary>The claims of a client that this package knows itself.</summary>
internal sealed class ClientClaims(ClientIdentity client) : ClaimsIdentity([new Claim(DefaultNameClaimType, client.Name)], ClientAuthenticationHandler.SchemeName)
{
    public ClientIdentity Client => client;
}
