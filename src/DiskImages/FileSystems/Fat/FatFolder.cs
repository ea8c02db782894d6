namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>The bytes of a folder and where they lie on the volume.</summary>
internal sealed class FatFolder
{
    /// <summary>65,536 entries, the most that a folder may have.</summary>
    private const int MaxSize = 65_536 * DirectoryEntry.Size;

    /// <summary>Folders wait in one another while a volume is walked: each of them holds no more than this of its bytes.</summary>
    private const int MaxBlockSize = 4096;

    private readonly ByteSource _volume;
    private readonly List<long> _pieces = [];
    private readonly int _pieceSize;

    private FatFolder(ByteSource volume, int pieceSize)
    {
        _volume = volume;
        _pieceSize = pieceSize;
    }

    /// <summary>Gets how many clusters were found to belong to it, or 1 for a folder with a fixed place.</summary>
    public int ClusterCount => _pieces.Count;

    /// <summary>A folder that has a fixed place, as the root of FAT12 and FAT16 has.</summary>
    public static FatFolder At(ByteSource volume, long offset, int length)
    {
        FatFolder folder = new(volume, length);
        folder._pieces.Add(offset);
        return folder;
    }

    /// <summary>A folder in a chain of clusters, which ends where the chain does.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="table">The table.</param>
    /// <param name="first">The first cluster, which must be one of the volume's.</param>
    /// <param name="clusterSize">The size of a cluster in bytes.</param>
    /// <param name="onFault">Is told if the chain is damaged; the part in front of the damage is read.</param>
    public static FatFolder Following(ByteSource volume, FatTable table, uint first, int clusterSize, Action<ImageFault> onFault)
    {
        FatFolder folder = new(volume, clusterSize);
        HashSet<uint> visited = [];
        uint cluster = first;
        while (visited.Add(cluster))
        {
            folder._pieces.Add(table.OffsetOf(cluster));
            FatEntry entry = table[cluster];
            if (entry.Kind == FatEntryKind.EndOfChain)
            {
                return folder;
            }

            if (entry.Kind != FatEntryKind.Next)
            {
                onFault(Fault(ImageFaultKind.InvalidValue, cluster, $"is followed by 0x{entry.Value:X}, which is {FatEntry.Describe(entry.Kind)}"));
                return folder;
            }

            if (visited.Count * (long)clusterSize >= MaxSize)
            {
                onFault(Fault(ImageFaultKind.LimitExceeded, cluster, $"is not the last one, and {MaxSize} bytes are the most"));
                return folder;
            }

            cluster = entry.Value;
        }

        onFault(Fault(ImageFaultKind.Loop, cluster, "is met again in the same chain"));
        return folder;

        ImageFault Fault(ImageFaultKind kind, uint at, string detail)
            => new(kind, "ClusterChain", "", table.EntryOffset(at), $"cluster {at} of a folder {detail}");
    }

    /// <summary>Reads the folder block by block.</summary>
    /// <returns>The bytes of each block, a whole number of entries, and their offset on the volume.</returns>
    public IEnumerable<(long Origin, byte[] Bytes)> ReadBlocks()
    {
        foreach (long piece in _pieces)
        {
            for (int at = 0; at < _pieceSize; at += MaxBlockSize)
            {
                byte[] block = new byte[Math.Min(MaxBlockSize, _pieceSize - at)];
                _volume.ReadExactly(piece + at, block, "Directory");
                yield return (piece + at, block);
            }
        }
    }
}
