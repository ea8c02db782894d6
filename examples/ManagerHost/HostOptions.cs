using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Examples.ServiceHosting;
using Symantec.Virtualization.Management.Server;

namespace Symantec.Virtualization.Examples.ManagerHost;

/// <summary>What the host adds to the options of the manager.</summary>
internal sealed class HostOptions : ServerOptions
{
    private static readonly SettingsShape Shape = new(typeof(HostOptions), typeof(ManagementServerOptions))
    {
        Never = [nameof(ManagementServerOptions.ConnectionString), nameof(ManagementServerOptions.SignInPath)],
    };

    /// <summary>The port; 0 takes a free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 9008;

    /// <summary>The path of a SQLite file, or the connection string of a PostgreSQL server.</summary>
    public string? Database { get; set; }

    /// <summary>A file that only its owner reads, for the one-time password of the first administrator. It is printed where there is none.</summary>
    public string? FirstPasswordFile { get; set; }

    /// <summary>Where a Shared Insight Cache tells its figures, as <c>http://cache:9006</c>.</summary>
    public Uri? InsightCacheStatus { get; set; }

    /// <summary>The names of all settings.</summary>
    public static IReadOnlyList<string> Names => Shape.Names;

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="OptionsValidationException">A setting is unknown or has a wrong value.</exception>
    public static HostOptions Read(IConfigurationSection section) => StrictSettings.Read(section, new HostOptionsValidator(), Shape);

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
        else
        {
            // Not where the answer of a command stands.
            manager.FirstPassword = static (name, password) => Console.Error.WriteLine($"First start: sign in as {name} with the password {password} and choose another.");
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
}

[OptionsValidator]
internal sealed partial class HostOptionsValidator : IValidateOptions<HostOptions>;
