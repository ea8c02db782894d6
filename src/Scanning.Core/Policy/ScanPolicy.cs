using System.Text.Json;
using System.Text.Json.Serialization;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>What the manager tells a client about scanning; an unmanaged client reads the same document from a file. Immutable.</summary>
public sealed record ScanPolicy
{
    /// <summary>The version of the document that this library reads and writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Initializes a new instance of the <see cref="ScanPolicy"/> class; what is left out has its default value.</summary>
    /// <param name="version">The version of the document's form.</param>
    /// <param name="virtualImages">When the marks of base images count.</param>
    /// <param name="insightCache">The use of a Shared Insight Cache.</param>
    /// <param name="limits">The bounds of a scan.</param>
    [JsonConstructor]
    public ScanPolicy(
        int version = CurrentVersion, VirtualImagesPolicy? virtualImages = null, InsightCachePolicy? insightCache = null, ScanLimits? limits = null)
    {
        Version = version;
        VirtualImages = virtualImages ?? new VirtualImagesPolicy();
        InsightCache = insightCache ?? new InsightCachePolicy();
        Limits = limits ?? new ScanLimits();
    }

    /// <summary>Gets the version of the document's form.</summary>
    /// <value>The default value is 1.</value>
    public int Version { get; init; }

    /// <summary>Gets when the marks of base images count.</summary>
    /// <value>By default never.</value>
    public VirtualImagesPolicy VirtualImages { get; init; }

    /// <summary>Gets the use of a Shared Insight Cache.</summary>
    /// <value>By default none.</value>
    public InsightCachePolicy InsightCache { get; init; }

    /// <summary>Gets the bounds of a scan.</summary>
    public ScanLimits Limits { get; init; }

    /// <summary>Reads a policy from JSON.</summary>
    /// <param name="utf8Json">The document.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="JsonException">The text is no policy; the message names the member and what is allowed.</exception>
    public static ScanPolicy Parse(ReadOnlySpan<byte> utf8Json)
    {
        ScanPolicy policy = JsonSerializer.Deserialize(utf8Json, ScanPolicyJson.Default.ScanPolicy) ?? throw new JsonException("The policy is null.");
        policy.Validate();
        return policy;
    }

    /// <summary>Writes the policy as JSON.</summary>
    /// <returns>The document.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ScanPolicyJson.Default.ScanPolicy);

    private void Validate()
    {
        if (Version != CurrentVersion)
        {
            throw new JsonException($"version: {Version} is not {CurrentVersion}, the only version that is known here.");
        }

        if (InsightCache.Enabled && InsightCache.Address is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            throw new JsonException("insightCache.address: an absolute http or https address is needed where the cache is enabled.");
        }

        VirtualImages.Validate();
        Check("maxHashedLength", Limits.MaxHashedLength);
        Check("maxHoleLength", Limits.MaxHoleLength);
        Check("maxTotalHoleLength", Limits.MaxTotalHoleLength);

        static void Check(string name, long limit)
        {
            if (limit < 0)
            {
                throw new JsonException($"limits.{name}: {limit} is not from 0 on.");
            }
        }
    }
}

/// <summary>The use of a Shared Insight Cache: by every on-demand scan, never by Auto-Protect.</summary>
public sealed record InsightCachePolicy
{
    /// <summary>Gets a value indicating whether a cache is asked.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool Enabled { get; init; }

    /// <summary>Gets the cache's address, <c>http</c> or <c>https</c>.</summary>
    public Uri? Address { get; init; }

    /// <summary>Gets the name that the client presents; <see langword="null"/> for none.</summary>
    public string? UserName { get; init; }

    /// <summary>Gets the name under which the client keeps the password or the key; the policy itself never carries it.</summary>
    public string? CredentialName { get; init; }

    /// <summary>Gets the SHA-256 of the server's public key, if only that key is to be trusted.</summary>
    public ContentHash? PinnedKey { get; init; }

    /// <summary>Tells whether a cache may be asked for a scan.</summary>
    /// <param name="trigger">Why the scan runs.</param>
    /// <returns><see langword="false"/> for Auto-Protect, and where no cache is enabled.</returns>
    public bool Covers(ScanTrigger trigger) => Enabled && trigger != ScanTrigger.AutoProtect;
}

/// <summary>
/// The bounds of a scan. A content beyond a bound is scanned as far as it goes, and is then infected or incomplete: never clean, never remembered or sealed.
/// </summary>
public sealed record ScanLimits
{
    /// <summary>The longest content that is hashed unless a policy says otherwise: 1 TiB.</summary>
    public const long DefaultMaxHashedLength = 1L << 40;

    /// <summary>The most bytes of holes that are hashed of one content unless a policy says otherwise: 16 GiB.</summary>
    public const long DefaultMaxHoleLength = 16L << 30;

    /// <summary>The most bytes of holes that are hashed of one source unless a policy says otherwise: 256 GiB.</summary>
    public const long DefaultMaxTotalHoleLength = 256L << 30;

    /// <summary>Initializes a new instance of the <see cref="ScanLimits"/> class; what is left out has its default value.</summary>
    /// <param name="maxHashedLength">The longest content that is hashed, in bytes.</param>
    /// <param name="maxHoleLength">The most bytes of holes that are hashed of one content.</param>
    /// <param name="maxTotalHoleLength">The most bytes of holes that are hashed of one source, an image, in one scan.</param>
    [JsonConstructor]
    public ScanLimits(
        long maxHashedLength = DefaultMaxHashedLength,
        long maxHoleLength = DefaultMaxHoleLength,
        long maxTotalHoleLength = DefaultMaxTotalHoleLength)
    {
        MaxHashedLength = maxHashedLength;
        MaxHoleLength = maxHoleLength;
        MaxTotalHoleLength = maxTotalHoleLength;
    }

    /// <summary>Gets the longest content that is hashed by the session, in bytes. A longer one is scanned without its hash.</summary>
    /// <value>The default value is 1 TiB.</value>
    public long MaxHashedLength { get; init; }

    /// <summary>
    /// Gets the most bytes of holes that a session or an engine hashes of one content, as zeros. They cost the maker of a sparse file nothing, and whoever hashes
    /// them a second for each one or two GiB. Holes that nobody hashes are free.
    /// </summary>
    /// <value>The default value is 16 GiB.</value>
    public long MaxHoleLength { get; init; }

    /// <summary>Gets the most bytes of holes that are hashed of one source, an image, in one scan; those that are hashed twice count twice.</summary>
    /// <value>The default value is 256 GiB.</value>
    public long MaxTotalHoleLength { get; init; }
}
