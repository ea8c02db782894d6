namespace Symantec.Virtualization.DiskImages;

/// <summary>A file or a folder of a file system. Immutable.</summary>
public sealed class FileEntry
{
    /// <summary>Gets the number that names the file on its volume: on NTFS the file reference, on FAT the offset of its directory entry.</summary>
    public required ulong Id { get; init; }

    /// <summary>Gets every path that leads to the file, one for each hard link; at least one. Parts are joined by <c>/</c>, without one in front.</summary>
    /// <remarks>
    /// The names are the image's and hostile: they may hold control characters, <c>..</c>, names of devices and halves of characters, and must
    /// never become a path of the host. A <c>/</c> or NUL inside a name, which no guest can open, stands here as <c>\u002F</c> or <c>\u0000</c>.
    /// </remarks>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Gets a value indicating whether this is a folder.</summary>
    public required bool IsDirectory { get; init; }

    /// <summary>Gets a value indicating whether the entry belongs to the file system itself, as <c>$MFT</c> does, and guests do not see it.</summary>
    public bool IsMetadata { get; init; }

    /// <summary>Gets the attributes as the file system stores them.</summary>
    public FileAttributes Attributes { get; init; }

    /// <summary>Gets the kind of reparse point (a link, a placeholder, a compressed form); 0 if the file is none.</summary>
    public uint ReparseTag { get; init; }

    /// <summary>Gets the times that the file system keeps.</summary>
    public FileTimes Times { get; init; }

    /// <summary>Gets the last update sequence number of the change journal, on NTFS; 0 elsewhere and where no journal runs.</summary>
    public long LastUsn { get; init; }

    /// <summary>Gets the contents: the unnamed one first where there is one, then the named ones (alternate data streams).</summary>
    public required IReadOnlyList<DataStream> Streams { get; init; }
}
