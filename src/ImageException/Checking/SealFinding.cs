namespace Symantec.Virtualization.ImageException;

/// <summary>How a file compares with the seal.</summary>
public enum SealFindingKind
{
    /// <summary>Everything is as it was sealed.</summary>
    Unchanged,

    /// <summary>The content is the sealed one, and other parts of the identity moved: it is scanned again unless the policy has hashes compared.</summary>
    Touched,

    /// <summary>The content is another than the sealed one.</summary>
    Changed,

    /// <summary>The content is another although nothing of the identity moved: somebody wrote to the disk outside the running system, or the disk failed.</summary>
    ChangedUnseen,

    /// <summary>The seal does not know the file.</summary>
    NotSealed,

    /// <summary>The file bears no mark where the seal says that it does.</summary>
    MarkMissing,

    /// <summary>The file bears a mark that is not its own: that of another file or image, or of a seal newer than this one.</summary>
    MarkForeign,

    /// <summary>The sealed file is gone.</summary>
    Missing,

    /// <summary>The file cannot be read.</summary>
    Unreadable,
}

/// <summary>A file that was compared with the seal.</summary>
/// <param name="Kind">How it compares.</param>
/// <param name="Location">Where it is; hostile.</param>
/// <param name="Detail">More of it, where there is more.</param>
public sealed record SealFinding(SealFindingKind Kind, string Location, string Detail = "");

/// <summary>What a comparison with the seal came to.</summary>
/// <param name="Counts">How many files compare in each way.</param>
public sealed record SealVerification(IReadOnlyDictionary<SealFindingKind, long> Counts)
{
    /// <summary>Gets a value indicating whether every sealed file is there, unchanged and with its mark. Files that are not sealed do no harm: they are scanned.</summary>
    public bool IsIntact => Counts.All(static count => count.Value == 0 || count.Key is SealFindingKind.Unchanged or SealFindingKind.NotSealed);

    /// <summary>Gets how many files compare in one way.</summary>
    /// <param name="kind">The way.</param>
    /// <returns>The number.</returns>
    public long this[SealFindingKind kind] => Counts.GetValueOrDefault(kind);
}
