using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>A seal together with the policy under which it counts: decides about files. Safe for concurrent use.</summary>
/// <remarks>Made anew when the policy changes. A decision is one probe of the mapped catalogue and allocates nothing.</remarks>
public sealed class SealedImage : IDisposable
{
    private readonly SealTrust _trust;
    private readonly bool[] _accepted;
    private readonly HashSet<ContentHash> _recalled;
    private volatile bool _isSuspended;

    /// <summary>Initializes a new instance of the <see cref="SealedImage"/> class.</summary>
    /// <param name="seal">The seal, opened under the same trust. It is disposed with this.</param>
    /// <param name="trust">Which seals are believed, and how far.</param>
    public SealedImage(Seal seal, SealTrust trust)
    {
        ArgumentNullException.ThrowIfNull(seal);
        ArgumentNullException.ThrowIfNull(trust);
        (Seal, _trust) = (seal, trust);
        _accepted = [.. seal.Facts.Scopes.Select(trust.Accepts)];
        _recalled = [.. trust.Policy.RecalledContents];
        Why = $"sealed with the base image as number {seal.Number} at {seal.SealedAt:u}";
    }

    /// <summary>Gets the seal.</summary>
    public Seal Seal { get; }

    /// <summary>Gets how a file is recognized as unchanged.</summary>
    public SealCheck Check => _trust.Policy.Check;

    /// <summary>Gets the reason for a skip, for the ledger.</summary>
    public string Why { get; }

    /// <summary>Gets or sets a value indicating whether nothing is believed for now: changes may have been missed.</summary>
    public bool IsSuspended
    {
        get => _isSuspended;
        set => _isSuspended = value;
    }

    /// <summary>Opens a seal and makes sure that it is of the volume that it is to serve.</summary>
    /// <param name="path">The seal's file.</param>
    /// <param name="trust">Which seals are believed, and how far.</param>
    /// <param name="volume">What the identities of the files call their volume; <see langword="null"/> if it is not known yet.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    /// <returns>The image.</returns>
    /// <exception cref="SealException">The seal is not believed, or is of another volume.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SealedImage Open(string path, SealTrust trust, string? volume = null, TimeProvider? time = null)
    {
        Seal seal = Seal.Open(path, trust, time);
        if (volume is not null && seal.VolumeOf(volume) < 0)
        {
            string sealedVolumes = string.Join(", ", seal.Facts.Volumes.Select(static known => known.Name));
            seal.Dispose();
            throw new SealException(SealRefusal.AnotherVolume, $"it is of {sealedVolumes}, and this is {volume}");
        }

        return new SealedImage(seal, trust);
    }

    /// <summary>Decides about a file by its identity alone.</summary>
    /// <param name="identity">The file now.</param>
    /// <returns>The decision.</returns>
    public SealDecision Decide(FileIdentity identity) => Decide(identity, hash: null, out _);

    /// <summary>Decides about a file by its identity and the hash of its content.</summary>
    /// <param name="identity">The file now.</param>
    /// <param name="hash">The hash of the content, of bytes that were read; <see langword="null"/> where it is not known.</param>
    /// <param name="entry">The file's entry, unless it is <see cref="SealDecision.NotSealed"/>.</param>
    /// <returns>The decision; never <see cref="SealDecision.NeedsHash"/> where there is one.</returns>
    public SealDecision Decide(FileIdentity identity, ContentHash? hash, out SealEntry entry)
    {
        if (!Seal.TryFind(identity, out entry) || entry.IsVoid)
        {
            return SealDecision.NotSealed;
        }

        if (entry.Size != identity.Size)
        {
            return SealDecision.Changed;
        }

        SealDecision decision = ByContent(identity, hash, entry);
        return decision is SealDecision.Changed ? decision
            : _isSuspended && hash is null ? SealDecision.Suspended
            : UnderPolicy(entry, decision);
    }

    /// <summary>Decides about a file of another number or volume by the entry that its mark names: of an image that was copied file by file.</summary>
    /// <param name="content">The file.</param>
    /// <param name="hash">The hash of the content, of bytes that were read.</param>
    /// <returns><see cref="SealDecision.NotSealed"/> unless the mark is of this image, and the content is the sealed one.</returns>
    /// <remarks>The mark only says where to look: what counts is the hash.</remarks>
    public SealDecision DecideByMark(ScanContent content, ContentHash hash)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (!Seal.IsMarked || Mark.Of(content) is not { } mark || mark.ImageId != Seal.ImageId || mark.Entry >= Seal.Count)
        {
            return SealDecision.NotSealed;
        }

        SealEntry entry = Seal.EntryAt(mark.Entry);
        return !entry.IsVoid && entry.Size == content.Length && entry.Hash == hash ? UnderPolicy(entry, SealDecision.Unchanged) : SealDecision.NotSealed;
    }

    /// <inheritdoc/>
    public void Dispose() => Seal.Dispose();

    private SealDecision UnderPolicy(SealEntry entry, SealDecision decision)
    {
        int scope = entry.ScopeIndex;
        return scope >= _accepted.Length || !_accepted[scope] ? SealDecision.OldDefinitions
            : _recalled.Count > 0 && _recalled.Contains(entry.Hash) ? SealDecision.Recalled
            : decision;
    }

    private SealDecision ByContent(FileIdentity identity, ContentHash? hash, SealEntry entry)
    {
        if (hash is { } known)
        {
            return known == entry.Hash ? SealDecision.Unchanged : SealDecision.Changed;
        }

        bool timesStand = entry.HasTimesOf(identity);
        return Check switch
        {
            SealCheck.Hash => SealDecision.NeedsHash,
            SealCheck.Identity when !timesStand => SealDecision.Changed,
            SealCheck.Identity or SealCheck.IdentityOrHash when timesStand && identity.ShowsEveryChange && entry.ShowsEveryChange => SealDecision.Unchanged,
            _ => SealDecision.NeedsHash,
        };
    }
}
