using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Management.Server;

namespace Symantec.Virtualization.Examples.ManagerHost;

/// <summary>What the host adds to the options of the manager: where it listens, what it keeps where, and what it writes down.</summary>
internal sealed class HostOptions
{
    /// <summary>The port; 0 takes a free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 9008;

    /// <summary>An address of this machine, <c>any</c>, or <c>localhost</c>.</summary>
    [Required]
    [RegularExpression("any|localhost|[0-9a-fA-F:.]+", ErrorMessage = "{0}: any, localhost, or an address of this machine is needed.")]
    public string Listen { get; set; } = "any";

    /// <summary>A PFX or PEM file; the manager then speaks HTTPS only.</summary>
    public string? Certificate { get; set; }

    public string? CertificateKey { get; set; }

    public string? CertificatePassword { get; set; }

    /// <summary>The path of a SQLite file, or the connection string of a PostgreSQL server.</summary>
    public string? Database { get; set; }

    /// <summary>A file that only its owner reads, for the one-time password of the first administrator. It is printed where there is none.</summary>
    public string? FirstPasswordFile { get; set; }

    /// <summary>Where a Shared Insight Cache tells its figures, as <c>http://cache:9006</c>.</summary>
    public Uri? InsightCacheStatus { get; set; }

    [ValidateObjectMembers]
    public LogFileOptions LogFile { get; init; } = new();

    public IPAddress Address => Listen switch
    {
        "any" => IPAddress.IPv6Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.TryParse(Listen, out IPAddress? address) ? address : throw new FormatException($"Manager:Listen: {Listen} is no address."),
    };

    /// <summary>The names of all settings.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(HostOptions).GetProperties().Where(static property => property.CanWrite || property.Name == nameof(LogFile)).Select(static property => property.Name)
            .Concat(typeof(ManagementServerOptions).GetProperties()
                .Where(static property => property.Name is not (nameof(ManagementServerOptions.ConnectionString) or nameof(ManagementServerOptions.SignInPath) or nameof(ManagementServerOptions.FirstPassword)))
                .Select(static property => property.Name))
            .Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>Reads and checks the section. A misspelt setting must not be one that is left at its default.</summary>
    /// <exception cref="OptionsValidationException">A setting is unknown or has a wrong value.</exception>
    public static HostOptions Read(IConfigurationSection section)
    {
        List<string> failures =
        [
            .. Unknown(section, Names),
            .. Unknown(section.GetSection(nameof(LogFile)), [.. typeof(LogFileOptions).GetProperties().Select(static property => property.Name)]),
        ];
        HostOptions options = section.Get<HostOptions>() ?? new HostOptions();
        ValidateOptionsResult check = new HostOptionsValidator().Validate(null, options);
        failures.AddRange(check.Failed ? check.Failures : []);
        return failures.Count == 0 ? options : throw new OptionsValidationException(section.Path, typeof(HostOptions), failures);
    }

    /// <summary>Sets the manager's options: those of the section, and those that follow from the host's own.</summary>
    public void Apply(ManagementServerOptions manager, IConfigurationSection section)
    {
        foreach (IConfigurationSection setting in section.GetChildren().Where(static child => !child.Key.Equals(nameof(Database), StringComparison.OrdinalIgnoreCase)))
        {
            new ConfigurationBuilder().AddInMemoryCollection([new(setting.Key, setting.Value)]).Build().Bind(manager);
        }

        manager.RequireHttps = manager.RequireHttps || Certificate is not null;
        (manager.Database, manager.ConnectionString) = Database switch
        {
            null => (DatabaseKind.Sqlite, null),
            _ when Database.StartsWith("Data Source=", StringComparison.OrdinalIgnoreCase) => (DatabaseKind.Sqlite, Database),
            _ when Database.Contains('=', StringComparison.Ordinal) => (DatabaseKind.PostgreSql, Database),
            _ => (DatabaseKind.Sqlite, $"Data Source={Database}"),
        };
        if (FirstPasswordFile is { } file)
        {
            manager.FirstPassword = (name, password) => Write(file, $"{name} {password}\n");
        }
    }

    private static void Write(string path, string text)
    {
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            // A file that was there keeps its own rights, so it goes first.
            File.Delete(path);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using StreamWriter writer = new(path, options);
        writer.Write(text);
    }

    private static IEnumerable<string> Unknown(IConfigurationSection section, IReadOnlyList<string> known)
        => section.GetChildren().Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            .Select(child => $"{child.Path}: there is no such setting. Settings are {string.Join(", ", known)}.");
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
