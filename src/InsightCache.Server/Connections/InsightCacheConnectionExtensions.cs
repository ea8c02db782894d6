using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Symantec.Virtualization.InsightCache.Server;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Sets up the web server for the load of a cache.</summary>
public static class InsightCacheConnectionExtensions
{
    /// <summary>What tells the runtime to end an operation on a socket where the socket became ready.</summary>
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Has Kestrel answer requests on the thread that received them, from memory that holds a whole batch: about half as many lookups again from the same processor.</summary>
    /// <param name="web">The host.</param>
    /// <returns>The host.</returns>
    /// <remarks>
    /// For hosts that serve the cache and little else: on these threads, whatever blocks holds up other connections. The cache's own endpoints hand over to the thread pool before
    /// anything that may. On Unix this sets the environment variable <c>DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS</c> of the process, which the runtime reads when it uses the first
    /// socket, and which then holds for every socket of the process; one that is set already is left as it is, so that <c>0</c> turns this part off. Two things are the host's own
    /// to set: <c>System.Threading.ThreadPool.UnfairSemaphoreSpinLimit</c> to 0 in its runtime configuration, so that idle threads of the pool leave the processor to these, and the level of
    /// the log <c>Microsoft.AspNetCore.Hosting.Diagnostics</c> to none, so that requests are not traced.
    /// </remarks>
    public static IWebHostBuilder UseInsightCacheConnections(this IWebHostBuilder web)
    {
        ArgumentNullException.ThrowIfNull(web);
        if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
        {
            // The runtime knows no other way to be told.
            Environment.SetEnvironmentVariable(InlineCompletions, "1");
        }

        return web.UseSockets(static sockets => sockets.UnsafePreferInlineScheduling = true)
            .ConfigureServices(static services => services.AddSingleton<IMemoryPoolFactory<byte>, FrameMemoryPool.Factory>());
    }

    /// <summary>Has connections that wait keep none of the buffers of TLS, where OpenSSL does TLS: a quarter less memory for each.</summary>
    /// <param name="endpoint">The endpoint. Call this behind <c>UseHttps</c>.</param>
    /// <returns>The endpoint.</returns>
    /// <remarks>Uses internals of .NET 10 on Linux, and does nothing where these are others.</remarks>
    public static ListenOptions ReleaseTlsBuffersWhenIdle(this ListenOptions endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        endpoint.Use(static next => connection =>
        {
            if (connection.Features.Get<ISslStreamFeature>() is { } tls)
            {
                TlsBuffers.ReleaseWhenIdle(tls.SslStream);
            }

            return next(connection);
        });
        return endpoint;
    }

    /// <summary>Lets clients show certificates. TLS proves that a client has the key; whom it is, and whether anyone knows it, the cache decides.</summary>
    /// <param name="https">The endpoint's TLS.</param>
    /// <returns>The same.</returns>
    /// <remarks>Sets <see cref="HttpsConnectionAdapterOptions.OnAuthenticate"/>: whoever shows a certificate must not choose what the server fetches, nor have it wait for that.</remarks>
    public static HttpsConnectionAdapterOptions AllowInsightCacheCertificates(this HttpsConnectionAdapterOptions https)
    {
        ArgumentNullException.ThrowIfNull(https);
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        https.AllowAnyClientCertificate();
        https.OnAuthenticate = static (_, tls) => tls.CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        return https;
    }
}
