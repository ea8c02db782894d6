using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>How the cache remembers, believes and forgets.</summary>
public sealed class InsightCacheServerOptions
{
    /// <summary>The least memory that a cache takes, in bytes: 1 MiB.</summary>
    public const long MinMemory = 1 << 20;

    /// <summary>Gets or sets the memory for verdicts, votes and leases: a number of bytes, or a share of the machine's or container's memory such as <c>50%</c>. It is taken at the start and never exceeded.</summary>
    /// <value>The default value is <c>50%</c>.</value>
    [Required]
    [RegularExpression(@"^\s*([0-9]+\s*(B|KB|MB|GB|KiB|MiB|GiB)?|[1-9][0-9]?\s*%)\s*$", ErrorMessage = "A size such as 512MB, or a share from 1% to 99%, is needed.")]
    public string Memory { get; set; } = "50%";

    /// <summary>Gets or sets a value indicating whether 16 bytes of a keyed hash are kept of each content instead of its whole hash: two thirds more fit into the memory. Such a cache exports no bundles.</summary>
    /// <value>The default value is <see langword="false"/>. A snapshot of one kind is refused by the other.</value>
    public bool CompactKeys { get; set; }

    /// <summary>Gets or sets how the cache makes room when the memory is full.</summary>
    /// <value>The default value is <see cref="EvictionRule.S3Fifo"/>.</value>
    [EnumDataType(typeof(EvictionRule))]
    public EvictionRule Eviction { get; set; } = EvictionRule.S3Fifo;

    /// <summary>Gets or sets how much is freed at once where the oldest make room, in percent.</summary>
    /// <value>The default value is 10.</value>
    [Range(1, 90)]
    public int ShareToFree { get; set; } = 10;

    /// <summary>Gets or sets how many distinct clients must vote a content clean; a trusted scanner's vote is always enough.</summary>
    /// <value>The default value is 2.</value>
    [Range(1, 7)]
    public int VoteThreshold { get; set; } = 2;

    /// <summary>Gets or sets how long a verdict lasts after the first vote that it rests on; each ends at a moment of its own within a fifth before and after.</summary>
    /// <value>The default value is 7 days.</value>
    [Duration("01:00:00", "90.00:00:00")]
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Gets or sets how long a client that scans a content is waited for.</summary>
    /// <value>The default value is 2 minutes.</value>
    [Duration("00:00:01", "01:00:00")]
    public TimeSpan LeaseTime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets or sets a value indicating whether anyone on the network votes without credentials, as with the original product. One liar can then have malware skipped everywhere.</summary>
    /// <value>The default value is <see langword="false"/>: without credentials, only this machine votes.</value>
    public bool OpenVoting { get; set; }

    /// <summary>Gets or sets the folder for snapshots, recalls and the log of who voted; <see langword="null"/> to keep nothing.</summary>
    public string? DataFolder { get; set; }

    /// <summary>Gets or sets how often a snapshot is written; one is written at every orderly end as well.</summary>
    /// <value>The default value is 15 minutes; zero writes none in between.</value>
    [Duration("00:00:00", "7.00:00:00")]
    public TimeSpan SnapshotInterval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Gets or sets the disk space for the log of who voted and who relied on an answer, in bytes.</summary>
    /// <value>The default value is 1 GiB.</value>
    [Range(1L << 20, 1L << 40)]
    public long LogLimit { get; set; } = 1L << 30;

    /// <summary>Gets how verdicts are carried to sites without a network.</summary>
    public BundleOptions Bundles { get; init; } = new();

    /// <summary>Gets how definitions advance.</summary>
    [ValidateObjectMembers]
    public DefinitionsOptions Definitions { get; init; } = new();

    /// <summary>Gets how contents are recalled.</summary>
    [ValidateObjectMembers]
    public RecallOptions Recall { get; init; } = new();
}

/// <summary>How a full cache makes room.</summary>
public enum EvictionRule
{
    /// <summary>What is asked for stays, what was asked for once goes; 7 to 22 points of hit rate above the other.</summary>
    S3Fifo,

    /// <summary>The oldest go, a share at once, as with the original product.</summary>
    OldestFirst,
}

/// <summary>How definitions advance.</summary>
public sealed class DefinitionsOptions
{
    /// <summary>Gets or sets how many distinct clients must report newer definitions before they are current; an administrator's word is always enough.</summary>
    /// <value>The default value is 2.</value>
    [Range(2, 1000)]
    public int Quorum { get; set; } = 2;

    /// <summary>Gets or sets how many generations keep their verdicts, so that clients that are not updated yet are served.</summary>
    /// <value>The default value is 8.</value>
    [Range(1, 64)]
    public int GenerationsKept { get; set; } = 8;

    /// <summary>Gets or sets how many generations older than a client's own definitions a verdict may be. A verdict that is accepted so is renewed first.</summary>
    /// <value>The default value is 0: the client's own definitions, or newer ones.</value>
    [Range(0, 63)]
    public int AcceptedAge { get; set; }
}

/// <summary>How verdicts are carried to sites without a network, in signed files.</summary>
public sealed class BundleOptions
{
    /// <summary>Gets or sets the PEM file of the private key (ECDSA P-256) that signs what is exported; <see langword="null"/> to export nothing.</summary>
    public string? SigningKey { get; set; }

    /// <summary>Gets or sets the password of that file, if it is encrypted.</summary>
    public string? SigningKeyPassword { get; set; }

    /// <summary>Gets the PEM files of the public keys whose bundles are imported. Whoever holds one of the private keys can have anything skipped here.</summary>
    public IList<string> TrustedKeys { get; init; } = [];
}

/// <summary>How contents are recalled.</summary>
public sealed class RecallOptions
{
    /// <summary>Gets or sets how long one report suspends a content.</summary>
    /// <value>The default value is 1 day.</value>
    [Duration("00:01:00", "90.00:00:00")]
    public TimeSpan Suspension { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Gets or sets how many distinct clients must report a content before it is recalled until an administrator lifts it.</summary>
    /// <value>The default value is 2.</value>
    [Range(1, 1000)]
    public int Quorum { get; set; } = 2;

    /// <summary>Gets or sets how many contents a client may report in an hour: a false report costs scans.</summary>
    /// <value>The default value is 100.</value>
    [Range(1, 1_000_000)]
    public int ReportsPerHour { get; set; } = 100;

    /// <summary>Gets or sets how many recalls are kept. If there are more, nothing is voted clean any longer until some are lifted.</summary>
    /// <value>The default value is 100,000.</value>
    [Range(1000, 10_000_000)]
    public int Limit { get; set; } = 100_000;
}

[OptionsValidator]
internal sealed partial class InsightCacheServerOptionsValidator : IValidateOptions<InsightCacheServerOptions>;
