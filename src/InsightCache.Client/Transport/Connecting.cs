using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>How a connection is made, and what is shown on it.</summary>
internal static class Connecting
{
    /// <summary>One for the scans and one for votes.</summary>
    private const int MaxConnections = 2;

    /// <summary>A connection does not live for ever, so that a changed address is noticed; nor do those of a fleet end together.</summary>
    private const int MinLifetimeSeconds = 600;
    private const int MaxLifetimeSeconds = 1200;

    /// <summary>Tells the client where the server is and who asks.</summary>
    public static void Configure(HttpClient http, InsightCacheClientOptions options)
    {
        http.BaseAddress = options.Address!.AbsolutePath.EndsWith('/') ? options.Address : new Uri(options.Address.AbsoluteUri + "/");

        // The resilience handler knows how long each kind of request may take.
        http.Timeout = Timeout.InfiniteTimeSpan;
        http.MaxResponseContentBufferSize = RequestRules.MaxDocument;
        http.DefaultRequestHeaders.Add(Routes.ClientHeader, options.ClientName);
        if (options.ApiKey is { } key)
        {
            http.DefaultRequestHeaders.Add(Routes.ApiKeyHeader, key);
        }

        if (options.UserName is { } name)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{options.Password}")));
        }
    }

    /// <summary>Sets up the sockets.</summary>
    public static void Configure(SocketsHttpHandler handler, InsightCacheClientOptions options)
    {
        handler.AllowAutoRedirect = false; // Credentials are for one server.
        handler.UseCookies = false;
        handler.MaxConnectionsPerServer = MaxConnections;
        handler.PooledConnectionLifetime = TimeSpan.FromSeconds(RandomNumberGenerator.GetInt32(MinLifetimeSeconds, MaxLifetimeSeconds));
        handler.ConnectTimeout = options.RequestTimeout;
        if (options.ClientCertificate is { } certificate)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        if (options.PinnedKey is { } pinned)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => IsKey(pinned, shown);
        }
    }

    /// <summary>Warns if anything secret is sent where everyone can read it.</summary>
    public static void Warn(InsightCacheClientOptions options, ILogger? logger)
    {
        if (logger is not null && options is { Address: { Scheme: "http", IsLoopback: false } address } and ({ ApiKey: not null } or { UserName: not null }))
        {
            Log.CredentialsInClear(logger, address.Host);
        }
    }

    private static bool IsKey(ContentHash pinned, X509Certificate? shown)
    {
        if (shown is null)
        {
            return false;
        }

        using X509Certificate2 certificate = new(shown);
        return ContentHash.Compute(certificate.PublicKey.ExportSubjectPublicKeyInfo()) == pinned;
    }
}
