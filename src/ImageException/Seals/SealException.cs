namespace Symantec.Virtualization.ImageException;

/// <summary>Why a seal is not believed.</summary>
public enum SealRefusal
{
    /// <summary>The file is no seal, or one of a form that this version does not know.</summary>
    NotASeal,

    /// <summary>The file ends before the seal does.</summary>
    Truncated,

    /// <summary>No key that is trusted signed it.</summary>
    UnknownKey,

    /// <summary>The signature is not the key's over this header.</summary>
    BadSignature,

    /// <summary>The entries are not the ones that were signed.</summary>
    Edited,

    /// <summary>It was written while the image was still being sealed.</summary>
    Unfinished,

    /// <summary>It is of another volume.</summary>
    AnotherVolume,

    /// <summary>A newer seal of the image is known: its number is lower than the policy or the marks on the volume say.</summary>
    RolledBack,

    /// <summary>The policy revoked it.</summary>
    Revoked,

    /// <summary>It is older than the policy allows, or from the future.</summary>
    TooOld,
}

/// <summary>A seal is refused: everything that it would have let be skipped is scanned.</summary>
public sealed class SealException : IOException
{
    /// <summary>Initializes a new instance of the <see cref="SealException"/> class.</summary>
    /// <param name="refusal">Why it is not believed.</param>
    /// <param name="detail">What was found, with the field and the place where that tells more.</param>
    /// <param name="inner">What it was found by, if anything.</param>
    public SealException(SealRefusal refusal, string detail, Exception? inner = null)
        : base($"The seal is refused: {detail}.", inner)
        => (Refusal, Detail) = (refusal, detail);

    /// <summary>Gets why the seal is not believed.</summary>
    public SealRefusal Refusal { get; }

    /// <summary>Gets what was found.</summary>
    public string Detail { get; }
}
