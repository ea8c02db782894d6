using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Refit;
using Symantec.Virtualization.InsightCache.Client;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the client of a Shared Insight Cache to a host.</summary>
public static class InsightCacheClientServiceCollectionExtensions
{
    /// <summary>The name of the HTTP client.</summary>
    public const string HttpClientName = "Symantec.Virtualization.InsightCache";

    /// <summary>Adds <see cref="InsightCacheClient"/>, <see cref="IInsightCacheApi"/> and, as an <see cref="IScanExemption"/>, <see cref="InsightCacheExemption"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; they are checked when the host starts.</param>
    /// <returns>
    /// The HTTP client, for proxies and handlers of the host's own. Whoever replaces its primary handler takes over the pinned key and the client certificate as well; <c>UseSocketsHttpHandler</c>
    /// adds to it.
    /// </returns>
    public static IHttpClientBuilder AddInsightCacheClient(this IServiceCollection services, Action<InsightCacheClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptionsWithValidateOnStart<InsightCacheClientOptions, InsightCacheClientOptionsValidator>().Configure(configure ?? (static _ => { }));
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static provider => new InsightCacheClient(provider.GetRequiredService<IHttpClientFactory>().CreateClient(HttpClientName)));
        services.TryAddSingleton(static provider =>
        {
            ILogger<InsightCacheExemption>? logger = provider.GetService<ILogger<InsightCacheExemption>>();
            InsightCacheClientOptions options = OptionsOf(provider);
            Connecting.Warn(options, logger);
            return new InsightCacheExemption(
                provider.GetRequiredService<InsightCacheClient>(), options, provider.GetRequiredService<TimeProvider>(), logger, provider.GetService<IMeterFactory>());
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IScanExemption, InsightCacheExemption>(static provider => provider.GetRequiredService<InsightCacheExemption>()));
        IHttpClientBuilder builder = services.AddRefitGeneratedClient<IInsightCacheApi>(InsightCacheJson.Default, static _ => new RefitSettings(), HttpClientName)
            .ConfigureHttpClient(static (provider, http) => Connecting.Configure(http, OptionsOf(provider)))
            .UseSocketsHttpHandler(static (handler, provider) => Connecting.Configure(handler, OptionsOf(provider)))

            // The handler of sockets renews its connections itself, and so may live as long as the client that holds it.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        builder.AddResilienceHandler(
            "insight cache",
            static (pipeline, context) => RequestResilience.Configure(pipeline, OptionsOf(context.ServiceProvider), context.ServiceProvider.GetRequiredService<TimeProvider>()));
        return builder.AddHttpMessageHandler(static () => new AnswerHandler());
    }

    private static InsightCacheClientOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<InsightCacheClientOptions>>().Value;
}
