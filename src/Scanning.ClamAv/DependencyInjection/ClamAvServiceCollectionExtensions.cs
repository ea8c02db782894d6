using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Scanning.ClamAv;
using Symantec.Virtualization.Scanning.Core;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds ClamAV to a host as its engine.</summary>
public static class ClamAvServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="LibClamAvEngine"/> as the <see cref="IScanEngine"/>, unless the host has one. The library and the definitions are loaded when the engine is
    /// first asked for, which throws <see cref="ClamAvException"/> if they cannot be.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddLibClamAvEngine(this IServiceCollection services, Action<LibClamAvOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<LibClamAvOptions>().Configure(configure ?? (static _ => { }));
        services.TryAddSingleton<IScanEngine>(static provider => new LibClamAvEngine(
            provider.GetRequiredService<IOptions<LibClamAvOptions>>().Value,
            provider.GetService<ILogger<LibClamAvEngine>>(),
            provider.GetService<TimeProvider>()));
        return services;
    }

    /// <summary>
    /// Adds <see cref="ClamdEngine"/> as the <see cref="IScanEngine"/>, unless the host has one. It connects when the engine is first asked for, which throws
    /// <see cref="ClamAvException"/> if clamd cannot be reached.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddClamdEngine(this IServiceCollection services, Action<ClamdOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<ClamdOptions>().Configure(configure ?? (static _ => { }));
        services.TryAddSingleton<IScanEngine>(static provider => new ClamdEngine(
            provider.GetRequiredService<IOptions<ClamdOptions>>().Value,
            provider.GetService<ILogger<ClamdEngine>>(),
            provider.GetService<TimeProvider>()));
        return services;
    }
}
