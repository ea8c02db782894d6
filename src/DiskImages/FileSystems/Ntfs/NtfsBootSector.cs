using System.Numerics;

namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>The first sector of an NTFS volume: where its master file table is and how large its units are; little-endian.</summary>
/// <remarks>Source: the layout as Windows writes it; [MS-FSA] names the values, the offsets are those of the BIOS parameter block.</remarks>
internal sealed record NtfsBootSector
{
    public const int Size = 512;

    /// <summary>Windows formats up to 2 MiB.</summary>
    private const long MaxClusterSize = 2 << 20;

    private const int MinRecordSize = 512;

    /// <summary>Windows writes 1 KiB and, on 4 KiB sectors, 4 KiB.</summary>
    private const int MaxRecordSize = 64 << 10;

    private static class At
    {
        public const int OemId = 0x03;
        public const int BytesPerSector = 0x0B;
        public const int SectorsPerCluster = 0x0D;
        public const int ReservedSectors = 0x0E;
        public const int NumberOfFats = 0x10;
        public const int FatSize16 = 0x16;
        public const int TotalSectors = 0x28;
        public const int MftStartLcn = 0x30;
        public const int ClustersPerFileRecord = 0x40;
        public const int VolumeSerialNumber = 0x48;
    }

    /// <summary>Gets the size of a sector: a power of two from 256 to 4096 bytes.</summary>
    public required int BytesPerSector { get; init; }

    /// <summary>Gets the size of a cluster: a power of two from 256 bytes to 2 MiB.</summary>
    public required int ClusterSize { get; init; }

    /// <summary>Gets where the master file table begins.</summary>
    public required Lcn MftStart { get; init; }

    /// <summary>Gets the size of a file record: a power of two from 512 bytes to 64 KiB.</summary>
    public required int RecordSize { get; init; }

    public required ulong SerialNumber { get; init; }

    /// <summary>Gets the number of clusters of the volume.</summary>
    public required long ClusterCount { get; init; }

    /// <summary>Gets the number of bytes of the volume; a partition has a sector more, for the copy of this one.</summary>
    public required long VolumeSize { get; init; }

    /// <summary>Tells whether the fields that only FAT uses are zero, as they are on every NTFS volume.</summary>
    /// <remarks>Windows, ntfs-3g and libblkid ask for it: a sector that names NTFS and divides the volume as FAT does is FAT to them.</remarks>
    public static bool LeavesFatFieldsEmpty(ReadOnlySpan<byte> bytes)
        => !bytes.Slice(At.ReservedSectors, 2).ContainsAnyExcept((byte)0)
            && !bytes.Slice(At.NumberOfFats, 5).ContainsAnyExcept((byte)0)
            && !bytes.Slice(At.FatSize16, 2).ContainsAnyExcept((byte)0);

    public static bool HasSignature(ReadOnlySpan<byte> bytes) => bytes.Length >= Size && bytes[At.OemId..].StartsWith("NTFS    "u8);

    public static NtfsBootSector Parse(ReadOnlySpan<byte> bytes, long origin)
    {
        FieldView view = new(bytes, "NtfsBootSector", origin);
        int sector = view.U16(At.BytesPerSector);
        if (sector is < 256 or > 4096 || !BitOperations.IsPow2(sector))
        {
            throw view.Fault(ImageFaultKind.InvalidValue, At.BytesPerSector, $"{sector} bytes are not a power of two from 256 to 4096");
        }

        long cluster = sector * SectorsPerCluster(view);
        if (cluster > MaxClusterSize)
        {
            throw view.Fault(ImageFaultKind.LimitExceeded, At.SectorsPerCluster, $"clusters of {cluster} bytes are above {MaxClusterSize}");
        }

        long sectors = view.I63(At.TotalSectors);
        if (sectors == 0 || sectors > long.MaxValue / sector)
        {
            throw view.Fault(ImageFaultKind.InvalidValue, At.TotalSectors, $"{sectors} sectors are not from 1 to {long.MaxValue / sector}");
        }

        long clusters = sectors / (cluster / sector);
        long mft = view.I63(At.MftStartLcn);
        if (mft >= clusters)
        {
            throw view.Fault(ImageFaultKind.InvalidValue, At.MftStartLcn, $"cluster {mft} lies behind the volume's {clusters} clusters");
        }

        return new NtfsBootSector
        {
            BytesPerSector = sector,
            ClusterSize = (int)cluster,
            ClusterCount = clusters,
            VolumeSize = sectors * sector,
            MftStart = new Lcn(mft),
            RecordSize = RecordSizeOf(view, cluster),
            SerialNumber = view.U64(At.VolumeSerialNumber),
        };
    }

    /// <summary>Tells what is wrong with a volume that ends before its boot sector says it does: files that lie behind the end cannot be read.</summary>
    public ImageFault? FaultOfLength(long length) => VolumeSize <= length
        ? null
        : new ImageFault(
            ImageFaultKind.Truncated, "NtfsBootSector", nameof(At.TotalSectors), At.TotalSectors,
            $"the volume is said to have {VolumeSize} bytes, and there are {length}");

    /// <summary>Reads a count of sectors: as it is up to 128, above as a negative power of two.</summary>
    private static long SectorsPerCluster(FieldView view)
    {
        int value = view.U8(At.SectorsPerCluster);
        int shift = value > 0x80 ? 256 - value : 0;
        long sectors = shift == 0 ? value : 1L << Math.Min(shift, 32);
        return BitOperations.IsPow2(sectors)
            ? sectors
            : throw view.Fault(ImageFaultKind.InvalidValue, At.SectorsPerCluster, $"0x{value:X2} is neither a power of two nor the negative of an exponent");
    }

    /// <summary>Reads a size: in clusters if positive, as an exponent of two in bytes if negative.</summary>
    private static int RecordSizeOf(FieldView view, long cluster)
    {
        int value = unchecked((sbyte)view.U8(At.ClustersPerFileRecord));
        long size = value >= 0 ? value * cluster : 1L << Math.Min(-value, 32);
        return size is >= MinRecordSize and <= MaxRecordSize && BitOperations.IsPow2(size)
            ? (int)size
            : throw view.Fault(
                ImageFaultKind.InvalidValue, At.ClustersPerFileRecord, $"records of {size} bytes are not a power of two from {MinRecordSize} to {MaxRecordSize}");
    }
}
