using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.OfflineImageScanner;
using Symantec.Virtualization.Scanning.Core;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the offline image scanner to a host.</summary>
public static class OfflineImageScannerServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="OfflineScanner"/>. The host adds an <see cref="IScanEngine"/> beside it; where it has logging and metrics, the scanner uses them.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddOfflineImageScanner(this IServiceCollection services, Action<OfflineScannerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptionsWithValidateOnStart<OfflineScannerOptions, OfflineScannerOptionsValidator>()
            .Configure(configure ?? (static _ => { }));
        services.TryAddSingleton(static provider => new OfflineScanner(
            provider.GetRequiredService<IScanEngine>(),
            provider.GetRequiredService<IOptions<OfflineScannerOptions>>().Value,
            provider.GetService<TimeProvider>(),
            provider.GetService<ILogger<ScanSession>>(),
            provider.GetService<IMeterFactory>()));
        return services;
    }
}
