using System.Text.Json;
using System.Text.Json.Serialization;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>How a sealed file is recognized as unchanged.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SealCheck>))]
public enum SealCheck
{
    /// <summary>Every part of its identity is the sealed one; the file is not read. One whose times or size moved is scanned.</summary>
    [JsonStringEnumMemberName("identity")]
    Identity,

    /// <summary>As <see cref="Identity"/>; a file of the sealed size whose times alone moved, or whose file system lets users set all times, is read, and skipped if its hash is the sealed one.</summary>
    [JsonStringEnumMemberName("identityOrHash")]
    IdentityOrHash,

    /// <summary>Every sealed file is read, and skipped if its hash is the sealed one: it finds also what was written to the disk outside the running system.</summary>
    [JsonStringEnumMemberName("hash")]
    Hash,
}

/// <summary>When the marks of base images count (Virtual Image Exception). Both switches are off by default.</summary>
public sealed record VirtualImagesPolicy
{
    /// <summary>The most seals or contents that a policy names.</summary>
    public const int MaxListed = 100_000;

    /// <summary>Gets a value indicating whether Auto-Protect skips marked, unchanged files.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool AutoProtect { get; init; }

    /// <summary>Gets a value indicating whether manual, scheduled and administrator-defined scans do.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool OnDemand { get; init; }

    /// <summary>Gets how a sealed file is recognized as unchanged.</summary>
    /// <value>The default value is <see cref="SealCheck.Identity"/>.</value>
    public SealCheck Check { get; init; }

    /// <summary>Gets the age, in days, from which a seal counts no longer.</summary>
    /// <value>By default seals do not age.</value>
    public int? MaxSealAgeDays { get; init; }

    /// <summary>Gets the publication of the oldest acceptable definitions: files that were sealed with older ones, or with some of unknown age, are scanned.</summary>
    /// <value>By default a seal outlives its definitions.</value>
    public DateTimeOffset? OldestDefinitions { get; init; }

    /// <summary>Gets the lowest number of a seal that counts: each new seal of an image has a higher one, so that an old one cannot be put back in its place.</summary>
    /// <value>The default value is 0.</value>
    public long OldestSeal { get; init; }

    /// <summary>Gets the identifiers of seals that do not count.</summary>
    public IReadOnlyList<Guid> RevokedSeals { get; init => field = value ?? []; } = [];

    /// <summary>Gets the contents that turned out bad after they were sealed: they are scanned.</summary>
    public IReadOnlyList<ContentHash> RecalledContents { get; init => field = value ?? []; } = [];

    /// <summary>Gets the public keys that may have signed a seal, in PEM, as far as the client has none of its own.</summary>
    public IReadOnlyList<string> SealKeys { get; init => field = value ?? []; } = [];

    /// <summary>Tells whether marks count for a scan.</summary>
    /// <param name="trigger">Why the scan runs.</param>
    /// <returns>The switch that governs it.</returns>
    public bool Covers(ScanTrigger trigger) => trigger == ScanTrigger.AutoProtect ? AutoProtect : OnDemand;

    /// <summary>Tells whether two policies say the same.</summary>
    /// <param name="other">The other policy.</param>
    /// <returns><see langword="true"/> if every member has the same value.</returns>
    public bool Equals(VirtualImagesPolicy? other)
        => other is not null
            && (AutoProtect, OnDemand, Check, MaxSealAgeDays, OldestDefinitions, OldestSeal)
                == (other.AutoProtect, other.OnDemand, other.Check, other.MaxSealAgeDays, other.OldestDefinitions, other.OldestSeal)
            && RevokedSeals.SequenceEqual(other.RevokedSeals)
            && RecalledContents.SequenceEqual(other.RecalledContents)
            && SealKeys.SequenceEqual(other.SealKeys);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(AutoProtect, OnDemand, Check, MaxSealAgeDays, OldestDefinitions, OldestSeal, RevokedSeals.Count);

    internal void Validate()
    {
        Require(Enum.IsDefined(Check), $"check: {(int)Check} is no way to recognize a file");
        Require(MaxSealAgeDays is null or (>= 1 and <= 36_500), $"maxSealAgeDays: {MaxSealAgeDays} is not from 1 to 36,500");
        Require(OldestSeal >= 0, $"oldestSeal: {OldestSeal} is not from 0 on");
        Require(RevokedSeals.Count <= MaxListed, $"revokedSeals: {RevokedSeals.Count:N0} are more than {MaxListed:N0}");
        Require(RecalledContents.Count <= MaxListed, $"recalledContents: {RecalledContents.Count:N0} are more than {MaxListed:N0}");
        Require(SealKeys.Count <= 64 && SealKeys.All(static key => key?.Length is > 0 and <= 4096), "sealKeys: at most 64 keys of at most 4,096 characters each are taken");

        static void Require(bool holds, string message)
        {
            if (!holds)
            {
                throw new JsonException($"virtualImages.{message}.");
            }
        }
    }
}
