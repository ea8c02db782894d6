namespace Symantec.Virtualization.DiskImages;

/// <summary>What is wrong with an image.</summary>
public enum ImageFaultKind
{
    /// <summary>The bytes that should hold the structure end before it does.</summary>
    Truncated,

    /// <summary>A field holds a value that its format does not allow.</summary>
    InvalidValue,

    /// <summary>Two places that must agree do not: a checksum, a copy, a sequence number, an update sequence.</summary>
    Mismatch,

    /// <summary>A size or a count is larger than this library reads; the limit is named in the detail.</summary>
    LimitExceeded,

    /// <summary>A chain of clusters, partitions or parents comes back to itself.</summary>
    Loop,

    /// <summary>The image is well formed as far as seen and uses a feature that this library does not read.</summary>
    Unsupported,

    /// <summary>A part of the image that another part names is not there.</summary>
    Missing,

    /// <summary>The image names a host file that its reader was not allowed to open.</summary>
    Refused,
}
