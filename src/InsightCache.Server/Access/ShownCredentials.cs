using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What a request shows of itself: an API key, a name with a password, a client certificate, or nothing.</summary>
/// <remarks>Read by the gate itself: an authentication scheme of the framework costs a twentieth of a lookup of 256 contents, and would be the default one of a host that has another.</remarks>
/// <param name="IsShown">Whether anything was shown, right or wrong.</param>
/// <param name="Client">Whose it is; <see langword="null"/> if it is nobody's.</param>
internal readonly record struct ShownCredentials(bool IsShown, ClientIdentity? Client)
{
    private const string Basic = "Basic ";
    private const int MaxLength = 1024;

    /// <summary>Reads the credentials of a request.</summary>
    public static ValueTask<ShownCredentials> ReadAsync(HttpContext context, CredentialBook book)
    {
        IHeaderDictionary headers = context.Request.Headers;
        if (headers.TryGetValue(Routes.ApiKeyHeader, out StringValues key))
        {
            return new(new ShownCredentials(IsShown: true, key is [{ Length: <= MaxLength } single] ? book.FindByApiKey(single) : null));
        }

        string authorization = headers.Authorization.ToString();
        if (authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
        {
            return ReadPasswordAsync(context, book, authorization.AsMemory(Basic.Length));
        }

        if (context.Connection.ClientCertificate is not { } certificate)
        {
            return default;
        }

        ValueTask<ClientIdentity?> found = book.FindByCertificateAsync(certificate, context.Connection.RemoteIpAddress, context.RequestAborted);
        return found.IsCompletedSuccessfully ? new(new ShownCredentials(IsShown: true, found.Result)) : AwaitAsync(found);
    }

    private static async ValueTask<ShownCredentials> AwaitAsync(ValueTask<ClientIdentity?> found) => new(IsShown: true, await found.ConfigureAwait(false));

    private static async ValueTask<ShownCredentials> ReadPasswordAsync(HttpContext context, CredentialBook book, ReadOnlyMemory<char> encoded)
    {
        byte[] bytes = new byte[MaxLength];
        if (encoded.Length > MaxLength || !Convert.TryFromBase64Chars(encoded.Span, bytes, out int length))
        {
            return new ShownCredentials(IsShown: true, Client: null);
        }

        string credentials = Encoding.UTF8.GetString(bytes.AsSpan(0, length));
        int end = credentials.IndexOf(':', StringComparison.Ordinal);
        ClientIdentity? client = end < 0
            ? null
            : await book.FindByPasswordAsync(credentials[..end], credentials[(end + 1)..], context.Connection.RemoteIpAddress, context.RequestAborted).ConfigureAwait(false);
        return new ShownCredentials(IsShown: true, client);
    }
}
