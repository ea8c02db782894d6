using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>Which seals are believed, and how far: the keys, and what the policy says.</summary>
/// <param name="Keys">The public keys that may have signed a seal.</param>
/// <param name="Policy">What the policy says of seals. Its switches are not looked at here.</param>
public sealed record SealTrust(IReadOnlyList<SealPublicKey> Keys, VirtualImagesPolicy Policy)
{
    /// <summary>A seal from so far ahead of this clock was made by a clock that is wrong, or to outlive its age.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromDays(1);

    /// <summary>Believes a key, without further conditions.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The trust.</returns>
    public static SealTrust In(SealPublicKey key) => new([key], new VirtualImagesPolicy());

    /// <summary>Makes the trust that a policy asks for.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="keys">The client's own keys; those of the policy count where it has none.</param>
    /// <returns>The trust.</returns>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A key of the policy is none.</exception>
    public static SealTrust Of(ScanPolicy policy, IReadOnlyList<SealPublicKey>? keys = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new SealTrust(keys is { Count: > 0 } ? keys : [.. policy.VirtualImages.SealKeys.Select(SealPublicKey.FromPem)], policy.VirtualImages);
    }

    /// <summary>Finds the key that a seal says it was signed with.</summary>
    internal SealPublicKey Find(ContentHash id) => Keys.FirstOrDefault(key => key.Id == id)
        ?? throw new SealException(SealRefusal.UnknownKey, $"the key {id.ToString()[..16]}… that signed it is none of the {Keys.Count} that are trusted");

    /// <summary>Checks what the policy says of a seal whose signature is good.</summary>
    internal void Check(SealHeader header, DateTimeOffset now)
    {
        Require(!Policy.RevokedSeals.Contains(header.SealId), SealRefusal.Revoked, $"the policy revoked {header.SealId}");
        Require(header.Number >= Policy.OldestSeal, SealRefusal.RolledBack, $"its number is {header.Number}, and the policy knows of {Policy.OldestSeal}");
        if (Policy.MaxSealAgeDays is { } days)
        {
            TimeSpan age = now - header.SealedAt;
            Require(age <= TimeSpan.FromDays(days), SealRefusal.TooOld, $"it was made at {header.SealedAt:u}, more than {days} days ago");
            Require(age >= -ClockSkew, SealRefusal.TooOld, $"it was made at {header.SealedAt:u}, which is still to come");
        }
    }

    /// <summary>Tells whether the definitions that a file was found clean with are new enough.</summary>
    internal bool Accepts(VerdictScope scope) => Policy.OldestDefinitions is not { } oldest || scope.Definitions.Published >= oldest;

    private static void Require(bool holds, SealRefusal refusal, string detail)
    {
        if (!holds)
        {
            throw new SealException(refusal, detail);
        }
    }
}
