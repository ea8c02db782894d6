using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>How servers that share a log believe each other.</summary>
public sealed class ReplicationOptions
{
    /// <summary>The least length of the secret, in bytes.</summary>
    public const int MinSecret = 32;

    /// <summary>Gets or sets the secret that all servers of the cluster have in common and nobody else has: at least 32 random bytes in base64. With it alone anything can be made clean.</summary>
    [ClusterSecret]
    public string Secret { get; set; } = "";

    /// <summary>Gets or sets how far this server may be behind the others before nothing new becomes clean here; what is clean stays so.</summary>
    /// <value>The default value is 1 minute.</value>
    [Duration("00:00:01", "01:00:00")]
    public TimeSpan MaxLag { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets by how much the clocks of two servers may differ; entries from further in the future are refused.</summary>
    /// <value>The default value is 1 minute.</value>
    [Duration("00:00:01", "01:00:00")]
    public TimeSpan MaxClockSkew { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how far back a server reads that is new or was away; entries that are older are refused. Recalls and definitions are kept beside the log, however old.</summary>
    /// <value>The default value is 1 day.</value>
    [Duration("00:01:00", "30.00:00:00")]
    public TimeSpan CatchUp { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Gets or sets how often the log is looked at when there was nothing new.</summary>
    /// <value>The default value is 100 milliseconds.</value>
    [Duration("00:00:00.001", "00:00:05")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets or sets how many batches of votes wait for the log; when there are more, the others do not learn of them, which costs scans.</summary>
    /// <value>The default value is 65,536.</value>
    [Range(16, 1 << 24)]
    public int MaxWaiting { get; set; } = 65_536;

    /// <summary>Gets or sets a value indicating whether contents that are not in this server's memory are looked for in the shared one, which every lookup that misses then waits for.</summary>
    /// <value>The default value is <see langword="false"/>: turn it on where the set of contents is larger than the memory.</value>
    public bool SecondLevel { get; set; }

    /// <summary>Gets or sets how long a lookup waits for the second level; what has not come by then is unknown.</summary>
    /// <value>The default value is 5 milliseconds.</value>
    [Duration("00:00:00.001", "00:00:01")]
    public TimeSpan SecondLevelBudget { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Gets the secret's bytes.</summary>
    /// <exception cref="FormatException">It is not base64.</exception>
    internal byte[] SecretBytes() => Convert.FromBase64String(Secret);
}

/// <summary>Says what a secret of a cluster is.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ClusterSecretAttribute : ValidationAttribute
{
    public override bool IsValid(object? value)
        => value is string text && Convert.TryFromBase64String(text, new byte[text.Length], out int length) && length >= ReplicationOptions.MinSecret;

    public override string FormatErrorMessage(string name)
        => $"At least {ReplicationOptions.MinSecret} random bytes in base64 are needed, the same at every server of the cluster and nowhere else. \"openssl rand -base64 32\" makes them.";
}

[OptionsValidator]
internal sealed partial class ReplicationOptionsValidator : IValidateOptions<ReplicationOptions>;
