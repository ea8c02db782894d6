using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.Management.Server;

/// <summary>Where the manager keeps what it knows.</summary>
public enum DatabaseKind
{
    /// <summary>A file in the data folder: nothing to install.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server, where users outgrow one file.</summary>
    PostgreSql,
}

/// <summary>How the manager keeps, believes and forgets.</summary>
public sealed class ManagementServerOptions
{
    /// <summary>Gets or sets the folder for the database file and the keys that protect forms.</summary>
    /// <value>The default value is <c>management-data</c> in the current folder.</value>
    public string DataFolder { get; set; } = "management-data";

    /// <summary>Gets or sets where the manager keeps what it knows.</summary>
    /// <value>The default value is <see cref="DatabaseKind.Sqlite"/>.</value>
    public DatabaseKind Database { get; set; }

    /// <summary>Gets or sets how the database is reached; needed for PostgreSQL.</summary>
    /// <value>By default the file <c>management.db</c> in the data folder.</value>
    public string? ConnectionString { get; set; }

    /// <summary>Gets or sets a value indicating whether requests that did not come over HTTPS are refused.</summary>
    /// <value>The default value is <see langword="false"/>, as with the original product: the host decides where it listens.</value>
    public bool RequireHttps { get; set; }

    /// <summary>Gets or sets how long a client that keeps nothing over a restart (non-persistent VDI) may be silent before it is forgotten.</summary>
    /// <value>The default value is 1 day.</value>
    public TimeSpan NonPersistentLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Gets or sets how long any other client may be silent before it is forgotten; zero for ever.</summary>
    /// <value>The default value is 90 days.</value>
    public TimeSpan ClientLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Gets or sets how long a client that a later enrolment of the same machine has replaced is kept.</summary>
    /// <value>The default value is 7 days.</value>
    public TimeSpan GhostLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Gets or sets how long results are kept, and batches known. A batch that is older is refused, since nobody knows whether it was counted.</summary>
    /// <value>The default value is 400 days.</value>
    public TimeSpan ResultRetention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>Gets or sets how long the audit log goes back.</summary>
    /// <value>The default value is 800 days.</value>
    public TimeSpan AuditRetention { get; set; } = TimeSpan.FromDays(800);

    /// <summary>Gets or sets after which time without a request a session of the console ends.</summary>
    /// <value>The default value is 30 minutes.</value>
    public TimeSpan SessionIdleTime { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets or sets how long a session lasts at most.</summary>
    /// <value>The default value is 12 hours.</value>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Gets or sets after how many wrong passwords an account is locked for <see cref="LockoutTime"/>.</summary>
    /// <value>The default value is 5.</value>
    public int MaxSignInFailures { get; set; } = 5;

    /// <summary>Gets or sets for how long.</summary>
    /// <value>The default value is 5 minutes.</value>
    public TimeSpan LockoutTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how many requests with wrong credentials one address may send in a minute.</summary>
    /// <value>The default value is 60: a whole site may stand behind one address.</value>
    public int MaxFailuresPerMinute { get; set; } = 60;

    /// <summary>Gets or sets how many requests one client may send in a minute.</summary>
    /// <value>The default value is 120.</value>
    public int ClientRequestsPerMinute { get; set; } = 120;

    /// <summary>Gets or sets how many requests one administrator may send in a minute.</summary>
    /// <value>The default value is 1,200.</value>
    public int AdministratorRequestsPerMinute { get; set; } = 1200;

    /// <summary>Gets or sets the path of the page to which browsers are sent that have to sign in; <see langword="null"/> where there is no console.</summary>
    public string? SignInPath { get; set; }

    /// <summary>Gets or sets who is told the name and the one-time password of the first administrator, which is made where there is none.</summary>
    /// <value>By default both are printed.</value>
    public Action<string, string> FirstPassword { get; set; } = static (name, password) => Console.WriteLine($"First start: sign in as {name} with the password {password} and choose another.");
}

/// <summary>Says what is wrong with options, and what is allowed.</summary>
internal sealed class ManagementServerOptionsValidator : IValidateOptions<ManagementServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ManagementServerOptions options)
    {
        List<string> failures = [];
        Check(options.DataFolder.Length > 0, "DataFolder: a folder is needed.");
        Check(Enum.IsDefined(options.Database), "Database: Sqlite or PostgreSql is needed.");
        Check(options.Database != DatabaseKind.PostgreSql || !string.IsNullOrWhiteSpace(options.ConnectionString), "ConnectionString: it is needed for PostgreSQL.");
        Range(options.NonPersistentLifetime, nameof(options.NonPersistentLifetime), TimeSpan.FromMinutes(5), TimeSpan.FromDays(3650));
        Range(options.ClientLifetime, nameof(options.ClientLifetime), TimeSpan.Zero, TimeSpan.FromDays(3650));
        Range(options.GhostLifetime, nameof(options.GhostLifetime), TimeSpan.FromMinutes(5), TimeSpan.FromDays(3650));
        Range(options.ResultRetention, nameof(options.ResultRetention), TimeSpan.FromDays(30), TimeSpan.FromDays(3650));
        Range(options.AuditRetention, nameof(options.AuditRetention), TimeSpan.FromDays(30), TimeSpan.FromDays(36500));
        Range(options.SessionIdleTime, nameof(options.SessionIdleTime), TimeSpan.FromMinutes(1), TimeSpan.FromDays(1));
        Range(options.SessionLifetime, nameof(options.SessionLifetime), TimeSpan.FromMinutes(5), TimeSpan.FromDays(30));
        Range(options.LockoutTime, nameof(options.LockoutTime), TimeSpan.FromSeconds(10), TimeSpan.FromDays(1));
        Check(options.MaxSignInFailures is >= 1 and <= 1000, "MaxSignInFailures: a number from 1 to 1,000 is needed.");
        Check(options.MaxFailuresPerMinute is >= 1 and <= 1_000_000, "MaxFailuresPerMinute: a number from 1 to 1,000,000 is needed.");
        Check(options.ClientRequestsPerMinute is >= 10 and <= 1_000_000, "ClientRequestsPerMinute: a number from 10 to 1,000,000 is needed.");
        Check(options.AdministratorRequestsPerMinute is >= 10 and <= 1_000_000, "AdministratorRequestsPerMinute: a number from 10 to 1,000,000 is needed.");
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;

        void Check(bool holds, string failure)
        {
            if (!holds)
            {
                failures.Add(failure);
            }
        }

        void Range(TimeSpan value, string member, TimeSpan least, TimeSpan most) => Check(value >= least && value <= most, $"{member}: a duration from {least} to {most} is needed.");
    }
}
