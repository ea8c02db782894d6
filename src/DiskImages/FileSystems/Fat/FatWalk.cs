namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>One walk over the folders of a FAT volume, depth first. Not safe for concurrent use.</summary>
internal sealed class FatWalk(ByteSource volume, FatBootSector boot, FatTable table, Action<ImageFault> onFault)
{
    /// <summary>Windows' paths of 260 characters hold no more.</summary>
    private const int MaxDepth = 130;

    /// <summary>The folders that were entered: one that is met again, by a cross-link or a loop, is a fault.</summary>
    private readonly ClusterSet _entered = new();

    private readonly ClusterClaims _claims = new(table, boot.ClusterSize, onFault);

    /// <summary>Opens the root folder.</summary>
    public static FatFolder Root(ByteSource volume, FatBootSector boot, FatTable table, Action<ImageFault> onFault)
    {
        if (boot.RootCluster == 0 && boot.RootSize > 0)
        {
            return FatFolder.At(volume, boot.RootOffset, boot.RootSize);
        }

        return table.IsCluster(boot.RootCluster)
            ? FatFolder.Following(volume, table, boot.RootCluster, boot.ClusterSize, onFault)
            : throw new ImageFormatException(new ImageFault(
                ImageFaultKind.InvalidValue, "FatBootSector", "RootCluster", 0x2C, $"{boot.RootCluster} is no cluster of the volume"));
    }

    /// <summary>Lists every file and folder.</summary>
    public IEnumerable<FileEntry> Entries()
    {
        Stack<(IEnumerator<FatFile> Files, string Path)> open = new();
        if (OpenRoot() is { } root)
        {
            open.Push((FatFile.ReadAll(root, boot.Kind).GetEnumerator(), ""));
        }

        while (open.TryPeek(out (IEnumerator<FatFile> Files, string Path) folder))
        {
            if (!MoveNext(folder.Files))
            {
                open.Pop().Files.Dispose();
                continue;
            }

            FatFile file = folder.Files.Current;
            string path = folder.Path + PathPart.Of(file.Name);
            if (!file.IsDirectory)
            {
                _claims.Claim(file, path);
            }

            yield return ToEntry(file, path);
            if (file.IsDirectory && OpenFolder(file, path, open.Count) is { } child)
            {
                open.Push((FatFile.ReadAll(child, boot.Kind).GetEnumerator(), path + "/"));
            }
        }
    }

    private FatFolder? OpenRoot()
    {
        try
        {
            _entered.Add(boot.RootCluster);
            FatFolder root = Root(volume, boot, table, onFault);
            _claims.Claim(boot.RootCluster, root.ClusterCount, "");
            return root;
        }
        catch (ImageFormatException e)
        {
            onFault(e.Fault);
            return null;
        }
    }

    private FatFolder? OpenFolder(FatFile file, string path, int depth)
    {
        ImageFault? fault =
            !table.IsCluster(file.FirstCluster) ? Fault(ImageFaultKind.InvalidValue, $"at {file.FirstCluster}, which is no cluster of the volume")
            : !_entered.Add(file.FirstCluster) ? Fault(ImageFaultKind.Loop, $"at cluster {file.FirstCluster}, where another folder does")
            : depth >= MaxDepth ? Fault(ImageFaultKind.LimitExceeded, $"below {MaxDepth} others")
            : null;
        try
        {
            if (fault is null)
            {
                FatFolder folder = FatFolder.Following(volume, table, file.FirstCluster, boot.ClusterSize, onFault);
                _claims.Claim(file.FirstCluster, folder.ClusterCount, path);
                return folder;
            }
        }
        catch (ImageFormatException e)
        {
            fault = e.Fault;
        }

        onFault(fault);
        return null;

        ImageFault Fault(ImageFaultKind kind, string detail)
            => new(kind, nameof(DirectoryEntry), "FirstCluster", file.Origin, $"the folder begins {detail}");
    }

    private bool MoveNext(IEnumerator<FatFile> files)
    {
        try
        {
            return files.MoveNext();
        }
        catch (ImageFormatException e)
        {
            // The rest of this folder is lost; the others are not.
            onFault(e.Fault);
            return false;
        }
    }

    private FileEntry ToEntry(FatFile file, string path) => new()
    {
        Id = (ulong)file.Origin,
        Paths = [path],
        IsDirectory = file.IsDirectory,
        Attributes = (FileAttributes)(int)file.Attributes,
        Times = file.Times,
        Streams = file.IsDirectory ? [] : [ToStream(file)],
    };

    private FatStream ToStream(FatFile file) => new(volume, boot, table, file)
    {
        Name = "",
        Length = file.Size,
        StoredLength = file.Size,
        FirstOffset = table.IsCluster(file.FirstCluster) ? table.OffsetOf(file.FirstCluster) : file.Origin,
        Fault = file.IsEncrypted
            ? new ImageFault(
                ImageFaultKind.Unsupported, nameof(DirectoryEntry), "NTRes", file.Origin + DirectoryEntry.ReservedOffset, "the stream is encrypted (EFS)")
            : null,
    };
}
