using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Examples.ServiceHosting;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.InsightCache.Server.Redis;

namespace Symantec.Virtualization.Examples.InsightCacheHost;

/// <summary>What the host adds to the options of the cache.</summary>
internal sealed class HostOptions : ServerOptions
{
    private static readonly SettingsShape Shape = new(typeof(HostOptions), typeof(InsightCacheServerOptions))
    {
        Parts = new Dictionary<string, SettingsShape>
        {
            ["Access"] = new(typeof(AccessOptions)),
            ["Redis"] = new(typeof(InsightCacheRedisOptions), typeof(ReplicationOptions)),
        },
    };

    [Range(1, 65535)]
    public int Port { get; set; } = 9005;

    [Range(1, 65535)]
    public int StatusPort { get; set; } = 9006;

    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>Where metrics are sent by OTLP, as <c>http://collector:4317</c>.</summary>
    public Uri? OtlpEndpoint { get; set; }

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="OptionsValidationException">A setting is unknown or has a wrong value.</exception>
    public static HostOptions Read(IConfigurationSection section) => StrictSettings.Read(section, new HostOptionsValidator(), Shape);
}

[OptionsValidator]
internal sealed partial class HostOptionsValidator : IValidateOptions<HostOptions>;
