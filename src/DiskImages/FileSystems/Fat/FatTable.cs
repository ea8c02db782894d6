using System.Buffers.Binary;
using BitFaster.Caching.Lru;

namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>What the table says of a cluster.</summary>
internal enum FatEntryKind
{
    Next,
    EndOfChain,
    Free,
    Bad,

    /// <summary>A number that is no cluster of the volume.</summary>
    Invalid,
}

/// <summary>One entry of the table.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Value">The entry's value: for <see cref="FatEntryKind.Next"/> the cluster that follows.</param>
internal readonly record struct FatEntry(FatEntryKind Kind, uint Value)
{
    /// <summary>Says what an entry is that leads to no cluster.</summary>
    public static string Describe(FatEntryKind kind) => kind switch
    {
        FatEntryKind.Free => "the mark of a free cluster",
        FatEntryKind.Bad => "the mark of a bad cluster",
        _ => "no cluster of the volume",
    };
}

/// <summary>The file allocation table in use: for each cluster, which one follows it. Read in pages, of which a bounded number is kept.</summary>
internal sealed class FatTable
{
    public const uint FirstCluster = 2;

    private const int PageSize = 16 << 10;

    /// <summary>4 MiB: the entries of a million clusters of FAT32.</summary>
    private const int CachedPages = 256;

    private readonly ByteSource _volume;
    private readonly FatBootSector _boot;
    private readonly ConcurrentLru<long, byte[]> _pages = new(CachedPages);
    private readonly uint _marks;

    public FatTable(ByteSource volume, FatBootSector boot)
    {
        _volume = volume;
        _boot = boot;
        _marks = boot.Kind switch
        {
            FatKind.Fat12 => 0xFF0,
            FatKind.Fat16 => 0xFFF0,
            _ => 0x0FFF_FFF0,
        };
    }

    /// <summary>Tells whether a number is a cluster of the volume.</summary>
    public bool IsCluster(uint number) => number >= FirstCluster && number - FirstCluster < _boot.ClusterCount;

    /// <summary>Gets the offset of a cluster on the volume.</summary>
    public long OffsetOf(uint cluster) => _boot.DataOffset + ((cluster - FirstCluster) * (long)_boot.ClusterSize);

    /// <summary>Gets the offset of a cluster's entry on the volume.</summary>
    public long EntryOffset(uint cluster) => _boot.FatOffset + (cluster * (long)_boot.Kind / 8);

    /// <summary>Reads the entry of a cluster.</summary>
    /// <param name="cluster">A cluster of the volume.</param>
    public FatEntry this[uint cluster]
    {
        get
        {
            uint value = Read(cluster);
            FatEntryKind kind = value == 0 ? FatEntryKind.Free
                : value >= _marks + 8 ? FatEntryKind.EndOfChain
                : value == _marks + 7 ? FatEntryKind.Bad
                : IsCluster(value) ? FatEntryKind.Next
                : FatEntryKind.Invalid;
            return new FatEntry(kind, value);
        }
    }

    /// <summary>Counts the clusters that are in use.</summary>
    public long CountUsed()
    {
        long used = 0;
        for (uint i = 0; i < _boot.ClusterCount; i++)
        {
            used += Read(FirstCluster + i) is not 0 ? 1 : 0;
        }

        return used;
    }

    private uint Read(uint cluster)
    {
        long offset = cluster * (long)_boot.Kind / 8;
        switch (_boot.Kind)
        {
            case FatKind.Fat12:
                // Entries of 12 bits share bytes with their neighbours, and may cross from one page to the next.
                uint pair = Byte(offset) | ((uint)Byte(offset + 1) << 8);
                return cluster % 2 == 0 ? pair & 0xFFF : pair >> 4;
            case FatKind.Fat16:
                return BinaryPrimitives.ReadUInt16LittleEndian(PageAt(offset));
            default:
                // The high four bits are reserved and not part of the number.
                return BinaryPrimitives.ReadUInt32LittleEndian(PageAt(offset)) & 0x0FFF_FFFF;
        }
    }

    private byte Byte(long offset) => PageAt(offset)[0];

    private ReadOnlySpan<byte> PageAt(long offset)
    {
        byte[] page = _pages.GetOrAdd(offset / PageSize, static (number, self) => self.ReadPage(number), this);
        return page.AsSpan((int)(offset % PageSize));
    }

    private byte[] ReadPage(long number)
    {
        long start = number * PageSize;
        byte[] page = new byte[Math.Min(PageSize, _boot.FatSize - start)];
        _volume.ReadExactly(_boot.FatOffset + start, page, "FileAllocationTable");
        return page;
    }
}
