using BitFaster.Caching.Lru;

namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>Finds the path of a file from the names of its parents, one record after the other up to the root.</summary>
/// <remarks>
/// Folders are looked up in the master file table and a bounded number of them is remembered, so that memory does not grow with the volume.
/// Index blocks are not asked: a name that is missing there is hidden from a guest's listings, not from us.
/// </remarks>
internal sealed class DirectoryPaths
{
    /// <summary>The longest path of Windows, in UTF-16 units.</summary>
    public const int MaxPathLength = 32_767;

    /// <summary>The folder under which a file is listed whose parents do not lead to the root.</summary>
    public const string OrphanFolder = "$Orphan";

    /// <summary>The record of the root folder.</summary>
    public const long RootRecord = 5;

    private const long ExtendRecord = 11;
    private const int MaxDepth = 2048;
    private const int CachedFolders = 32_768;

    private readonly Func<long, FolderName?> _load;
    private readonly ConcurrentLru<long, FolderName?> _folders = new(CachedFolders);

    /// <param name="load">Reads the name of a folder by its record number; <see langword="null"/> if the record is no folder in use.</param>
    public DirectoryPaths(Func<long, FolderName?> load) => _load = load;

    /// <summary>The name of a folder.</summary>
    /// <param name="Sequence">How often its record has been used.</param>
    /// <param name="Parent">The folder that holds it.</param>
    /// <param name="Name">Its name.</param>
    public sealed record FolderName(ushort Sequence, FileReference Parent, string Name);

    /// <summary>Finds the path of a name.</summary>
    /// <param name="name">The name and its parent.</param>
    /// <param name="isInternal">Whether the path lies in the folder where NTFS keeps its own files.</param>
    /// <returns>The path; below <see cref="OrphanFolder"/> if the parents do not lead to the root.</returns>
    public string PathOf(FileNameAttribute name, out bool isInternal)
    {
        isInternal = false;
        List<string> parts = [PathPart.Of(name.Name)];
        int length = name.Name.Length;
        FileReference parent = name.Parent;
        while (parent.Record != RootRecord)
        {
            FolderName? folder = parts.Count < MaxDepth ? _folders.GetOrAdd(parent.Record, _load) : null;
            length += 1 + (folder?.Name.Length ?? 0);
            if (folder is null || folder.Sequence != parent.Sequence || length > MaxPathLength)
            {
                parts.Add($"{OrphanFolder}/{parent.Record}");
                break;
            }

            // Behind the check of the sequence: a name may claim any folder as its parent.
            isInternal |= parent.Record == ExtendRecord;
            parts.Add(PathPart.Of(folder.Name));
            parent = folder.Parent;
        }

        parts.Reverse();
        return string.Join('/', parts);
    }
}
