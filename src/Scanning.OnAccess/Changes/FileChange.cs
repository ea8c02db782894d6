namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>What happened to a file or a folder.</summary>
public enum FileChangeKind
{
    /// <summary>Events were lost, or a changed file could not be named: nothing is to be trusted until it has been checked.</summary>
    Overflow,

    /// <summary>The content was, or may have been, written: fanotify says it of every file that was open for writing and is closed, written or not.</summary>
    Modified,

    /// <summary>An entry came into being: a file, a folder, a hard link.</summary>
    Created,

    /// <summary>An entry was deleted; the file may have other names.</summary>
    Deleted,

    /// <summary>An entry was renamed or moved; the path is the old one.</summary>
    MovedFrom,

    /// <summary>An entry was renamed or moved, and took the place of what was there; the path is the new one.</summary>
    MovedTo,

    /// <summary>Mode, owner, times, extended attributes or the number of names changed. A watcher says <see cref="Modified"/> instead.</summary>
    AttributesChanged,
}

/// <summary>One change of a file or folder. What is said of a folder that moved holds for everything in it.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Path">
/// The full path, which begins with the source's root as it was given, and names the file by the hard link that was used; <see langword="null"/> for
/// <see cref="FileChangeKind.Overflow"/>, and only for that. Where a file was changed by a hard link outside the root, and another may be inside, it is the path outside: see
/// <see cref="FileId"/>. Bytes of a name that are not UTF-8 are U+FFFD.
/// </param>
/// <remarks>The default value is an overflow: a change that nobody described is not one to pass over.</remarks>
public readonly record struct FileChange(FileChangeKind Kind, string? Path)
{
    /// <summary>Gets the number that names the file on its volume, its inode, whatever name it was changed by. On Btrfs each subvolume counts for itself.</summary>
    /// <value><see langword="null"/> where it is not known: of a watcher, of an entry that came or went, of a folder.</value>
    public UInt128? FileId { get; init; }

    /// <summary>Gets the process that did it.</summary>
    /// <value><see langword="null"/> where it is not known: of a watcher, and of a process outside this one's namespace.</value>
    public int? ProcessId { get; init; }

    /// <summary>Gets the change that says that others were lost.</summary>
    public static FileChange Overflow { get; }
}
