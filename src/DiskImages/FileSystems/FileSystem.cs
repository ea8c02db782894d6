namespace Symantec.Virtualization.DiskImages;

/// <summary>The file system of a volume, for reading.</summary>
/// <remarks>All members may be called by any number of threads at once.</remarks>
public abstract class FileSystem
{
    /// <summary>Gets the file system's name with what tells its kind: <c>NTFS 3.1</c>, <c>FAT32</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Gets the volume's label; hostile, and often empty.</summary>
    public abstract string Label { get; }

    /// <summary>Gets the volume's serial number, which a clone shares with its original.</summary>
    public abstract ulong SerialNumber { get; }

    /// <summary>Gets the identifier of the change journal, within which the files' last update sequence numbers count; 0 where there is none, or it was not found.</summary>
    public virtual ulong ChangeJournalId => 0;

    /// <summary>Gets the size of the unit of allocation in bytes.</summary>
    public abstract int ClusterSize { get; }

    /// <summary>Counts the bytes of the clusters that are in use: how much there is to read at most.</summary>
    /// <returns>The bytes; <see langword="null"/> where the file system cannot tell.</returns>
    /// <exception cref="ImageFormatException">The structure that knows is damaged.</exception>
    public abstract long? CountUsedBytes();

    /// <summary>Lists every file and folder of the file system, in whatever order is fastest to read.</summary>
    /// <remarks>
    /// What is damaged does not end the listing: it is reported, left out, and the listing goes on. Links of any kind are listed, never followed.
    /// </remarks>
    /// <param name="onFault">Is told of each fault, on the thread that enumerates; it may throw to end the listing.</param>
    /// <returns>The entries, read while they are enumerated; memory does not grow with their number.</returns>
    public abstract IEnumerable<FileEntry> EnumerateEntries(Action<ImageFault> onFault);
}
