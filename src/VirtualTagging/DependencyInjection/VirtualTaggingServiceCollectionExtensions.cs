using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.VirtualTagging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds virtual client tagging to a host.</summary>
public static class VirtualTaggingServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="VirtualizationDetector"/>, and <see cref="TagWatch"/> as a hosted service: every <see cref="ITagReporter"/> that the host adds is told what the
    /// machine is at start-up, after a sleep, and when the answer changes. Without any reporter nothing runs.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddVirtualTagging(this IServiceCollection services, Action<TagWatchOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptionsWithValidateOnStart<TagWatchOptions, TagWatchOptionsValidator>()
            .Configure(configure ?? (static _ => { }));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static provider => new VirtualizationDetector(provider.GetRequiredService<IOptions<TagWatchOptions>>().Value.Capture));
        services.TryAddSingleton(static provider => new TagWatch(
            provider.GetRequiredService<VirtualizationDetector>().Detect,
            provider.GetServices<ITagReporter>(),
            provider.GetRequiredService<IOptions<TagWatchOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<TagWatch>>() ?? NullLogger<TagWatch>.Instance));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, TagWatch>(static provider => provider.GetRequiredService<TagWatch>()));
        return services;
    }
}
