using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.InsightCache.Server.Redis;

namespace Symantec.Virtualization.Examples.InsightCacheHost;

/// <summary>What the host adds to the options of the cache: where it listens and what it writes down.</summary>
internal sealed class HostOptions
{
    [Range(1, 65535)]
    public int Port { get; set; } = 9005;

    [Range(1, 65535)]
    public int StatusPort { get; set; } = 9006;

    /// <summary>An address of this machine, <c>any</c>, or <c>localhost</c>.</summary>
    [Required]
    [RegularExpression("any|localhost|[0-9a-fA-F:.]+", ErrorMessage = "It is any, localhost, or an address of this machine.")]
    public string Listen { get; set; } = "any";

    /// <summary>A PFX or PEM file; the cache then speaks HTTPS only.</summary>
    public string? Certificate { get; set; }

    public string? CertificateKey { get; set; }

    public string? CertificatePassword { get; set; }

    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 20_000;

    [ValidateObjectMembers]
    public LogFileOptions LogFile { get; init; } = new();

    /// <summary>Where metrics are sent by OTLP, as <c>http://collector:4317</c>.</summary>
    public Uri? OtlpEndpoint { get; set; }

    public IPAddress Address => Listen switch
    {
        "any" => IPAddress.IPv6Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.Parse(Listen),
    };

    /// <summary>Reads and checks the section. A misspelt setting must not be one that is left at its default.</summary>
    /// <exception cref="OptionsValidationException">A setting is unknown or has a wrong value.</exception>
    public static HostOptions Read(IConfigurationSection section)
    {
        List<string> failures =
        [
            .. Unknown(section, [.. NamesOf(typeof(HostOptions), typeof(InsightCacheServerOptions)), "Access", "Redis"]),
            .. Unknown(section.GetSection("Redis"), NamesOf(typeof(InsightCacheRedisOptions), typeof(ReplicationOptions))),
        ];
        HostOptions options = section.Get<HostOptions>() ?? new HostOptions();
        ValidateOptionsResult check = new HostOptionsValidator().Validate(null, options);
        failures.AddRange(check.Failed ? check.Failures : []);
        return failures.Count == 0 ? options : throw new OptionsValidationException(section.Path, typeof(HostOptions), failures);
    }

    private static string[] NamesOf(params Type[] options) => [.. options.SelectMany(static type => type.GetProperties()).Select(static property => property.Name)];

    private static IEnumerable<string> Unknown(IConfigurationSection section, string[] known)
        => section.GetChildren().Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            .Select(child => $"{child.Path}: there is no such setting. Settings are {string.Join(", ", known.Order(StringComparer.Ordinal))}.");
}

/// <summary>A log file that is begun anew when it is full.</summary>
internal sealed class LogFileOptions
{
    public string? Path { get; set; }

    [Range(1000, long.MaxValue)]
    public long MaxSize { get; set; } = 10_000_000;

    [Range(0, 1000)]
    public int Backups { get; set; } = 5;
}

[OptionsValidator]
internal sealed partial class HostOptionsValidator : IValidateOptions<HostOptions>;
