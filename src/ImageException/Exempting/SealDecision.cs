namespace Symantec.Virtualization.ImageException;

/// <summary>What a seal says of a file.</summary>
public enum SealDecision
{
    /// <summary>The seal knows nothing of it.</summary>
    NotSealed,

    /// <summary>It is the file that was sealed, and has not changed.</summary>
    Unchanged,

    /// <summary>Its times moved, or its file system lets users set all of them; its hash would tell.</summary>
    NeedsHash,

    /// <summary>It is another than the one that was sealed: it has another size, or its times moved and no hash is to be compared.</summary>
    Changed,

    /// <summary>It was found clean with definitions older than the policy accepts.</summary>
    OldDefinitions,

    /// <summary>Its content turned out bad since.</summary>
    Recalled,

    /// <summary>Changes may have been missed, and nothing is believed until the image was checked.</summary>
    Suspended,
}
