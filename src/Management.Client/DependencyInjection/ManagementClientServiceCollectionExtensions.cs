using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using Refit;
using Symantec.Virtualization.Management.Client;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.VirtualTagging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds an agent's half of its manager to a host.</summary>
public static class ManagementClientServiceCollectionExtensions
{
    /// <summary>The name of the HTTP client.</summary>
    public const string HttpClientName = "Symantec.Virtualization.Management";

    /// <summary>The longest answer that is read: a policy and a little.</summary>
    private const int MaxAnswer = WireLimits.MaxPolicyLength + (64 << 10);

    /// <summary>Adds <see cref="ManagementAgent"/>, also as an <see cref="ITagReporter"/>, and a service that does its rounds.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; they are checked when the host starts.</param>
    /// <returns>The HTTP client, for proxies and handlers of the host's own.</returns>
    public static IHttpClientBuilder AddManagementClient(this IServiceCollection services, Action<ManagementClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptionsWithValidateOnStart<ManagementClientOptions, ManagementClientOptionsValidator>().Configure(configure ?? (static _ => { }));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static provider => new ManagementAgent(
            provider.GetRequiredService<IManagementApi>(),
            OptionsOf(provider),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<ManagementAgent>>(),
            provider.GetService<IRecallWitness>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITagReporter, ManagementAgent>(static provider => provider.GetRequiredService<ManagementAgent>()));
        services.AddHostedService<AgentService>();
        IHttpClientBuilder builder = services.AddRefitGeneratedClient<IManagementApi>(ManagementJson.Default, static _ => new RefitSettings(), HttpClientName)
            .ConfigureHttpClient(static (provider, http) => Configure(http, OptionsOf(provider)))
            .UseSocketsHttpHandler(static (handler, provider) => Configure(handler, OptionsOf(provider)))

            // The handler of sockets renews its connections itself, and so may live as long as the agent that holds it.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        builder.AddResilienceHandler("manager", static (pipeline, context) => Configure(pipeline, OptionsOf(context.ServiceProvider), context.ServiceProvider.GetRequiredService<TimeProvider>()));
        return builder;
    }

    private static ManagementClientOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<ManagementClientOptions>>().Value;

    private static void Configure(HttpClient http, ManagementClientOptions options)
    {
        http.BaseAddress = options.Address!.AbsolutePath.EndsWith('/') ? options.Address : new Uri(options.Address.AbsoluteUri + "/");
        http.Timeout = Timeout.InfiniteTimeSpan;
        http.MaxResponseContentBufferSize = MaxAnswer;
    }

    private static void Configure(SocketsHttpHandler handler, ManagementClientOptions options)
    {
        handler.AllowAutoRedirect = false; // Credentials are for one manager.
        handler.UseCookies = false;
        handler.MaxConnectionsPerServer = 2;
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(15);
        handler.ConnectTimeout = options.AttemptTimeout;
        if (options.PinnedKey is { } pinned)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => IsKey(pinned, shown);
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

    private static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> builder, ManagementClientOptions options, TimeProvider time)
    {
        builder.TimeProvider = time;
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                Name = "manager retry",
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromSeconds(1),
                MaxDelay = TimeSpan.FromSeconds(20),

                // A heartbeat and a batch count once, however often they come. A token is spent by an enrolment whose answer was lost.
                ShouldHandle = static arguments => new(
                    (arguments.Outcome is { Exception: HttpRequestException or TimeoutRejectedException } or { Result.StatusCode: >= HttpStatusCode.InternalServerError })
                    && arguments.Context.GetRequestMessage()?.RequestUri?.AbsolutePath.EndsWith(Routes.Enrolment, StringComparison.Ordinal) == false),
            });
        }

        builder.AddTimeout(new TimeoutStrategyOptions { Name = "manager timeout", Timeout = options.AttemptTimeout });
    }
}
