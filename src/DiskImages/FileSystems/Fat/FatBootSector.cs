using System.Numerics;

namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>The width of a FAT's entries in bits.</summary>
internal enum FatKind
{
    Fat12 = 12,
    Fat16 = 16,
    Fat32 = 32,
}

/// <summary>The first sector of a FAT volume: how the volume is divided; little-endian.</summary>
/// <remarks>
/// Source: Microsoft FAT specification (fatgen103), sections "Boot Sector and BPB" and "FAT Type Determination". Where it and practice differ,
/// practice wins: a 16-bit FAT size of 0 makes a volume FAT32 however few clusters it has, as Windows, Linux and mkfs.fat agree.
/// </remarks>
internal sealed record FatBootSector
{
    public const int Size = 512;

    private const string Structure = "FatBootSector";
    private const uint MaxFat12Clusters = 4084;
    private const uint MaxFat16Clusters = 65_524;

    /// <summary>Cluster numbers have 28 bits, and the last ones are marks.</summary>
    private const long MaxFat32Clusters = 0x0FFF_FFF5;

    /// <summary>What formatting tools write where a volume has no label.</summary>
    private const string NoLabel = "NO NAME";

    /// <summary>A volume of BitLocker To Go wears the boot sector of a FAT32 volume, and this identifier.</summary>
    private static readonly Guid BitLockerToGo = new("4967D63B-2E29-4AD8-8399-F6A339E3D001");

    private static class At
    {
        public const int OemId = 0x03;
        public const int BytesPerSector = 0x0B;
        public const int SectorsPerCluster = 0x0D;
        public const int ReservedSectors = 0x0E;
        public const int NumberOfFats = 0x10;
        public const int RootEntries = 0x11;
        public const int TotalSectors16 = 0x13;
        public const int Media = 0x15;
        public const int FatSize16 = 0x16;
        public const int TotalSectors32 = 0x20;
        public const int FatSize32 = 0x24;
        public const int ExtendedFlags = 0x28;
        public const int Version = 0x2A;
        public const int RootCluster = 0x2C;
        public const int BitLockerIdentifier = 0x1A8;
    }

    public required FatKind Kind { get; init; }

    /// <summary>Gets the size of a cluster in bytes: a power of two up to 512 KiB.</summary>
    public required int ClusterSize { get; init; }

    /// <summary>Gets the number of clusters; their numbers begin with 2.</summary>
    public required uint ClusterCount { get; init; }

    /// <summary>Gets the number of bytes of the volume.</summary>
    public required long VolumeSize { get; init; }

    /// <summary>Gets the offset of cluster 2.</summary>
    public required long DataOffset { get; init; }

    /// <summary>Gets the offset of the table in use.</summary>
    public required long FatOffset { get; init; }

    /// <summary>Gets the size of one table in bytes.</summary>
    public required long FatSize { get; init; }

    /// <summary>Gets the first cluster of the root folder; 0 where the root has a place of its own.</summary>
    public required uint RootCluster { get; init; }

    /// <summary>Gets the offset of the root folder where it has a place of its own.</summary>
    public required long RootOffset { get; init; }

    /// <summary>Gets the size of the root folder in bytes where it has a place of its own.</summary>
    public required int RootSize { get; init; }

    public required uint SerialNumber { get; init; }

    /// <summary>Gets the label that the boot sector keeps, which tools let grow stale.</summary>
    public required string Label { get; init; }

    /// <summary>Gets a value indicating whether the volume names itself NTFS, which some guest may believe.</summary>
    public required bool NamesNtfs { get; init; }

    /// <summary>Tells whether a sector is the boot sector of a FAT volume.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> bytes) => bytes.Length >= Size && Check(new FieldView(bytes, Structure, 0)) is null;

    public static FatBootSector Parse(ReadOnlySpan<byte> bytes, long origin)
    {
        FieldView view = new(bytes, Structure, origin);
        if (Check(view) is { } fault)
        {
            throw fault;
        }

        if (view.Guid(At.BitLockerIdentifier) == BitLockerToGo)
        {
            throw view.Fault(ImageFaultKind.Unsupported, At.BitLockerIdentifier, "the volume is encrypted (BitLocker To Go)");
        }

        long sector = view.U16(At.BytesPerSector);
        long fatSectors = view.U16(At.FatSize16) is not 0 and ushort small ? small : view.U32(At.FatSize32);
        long totalSectors = view.U16(At.TotalSectors16) is not 0 and ushort few ? few : view.U32(At.TotalSectors32);
        long fats = view.U8(At.NumberOfFats);
        long fatStart = view.U16(At.ReservedSectors);
        long rootStart = fatStart + (fats * fatSectors);
        int rootSize = view.U16(At.RootEntries) * DirectoryEntry.Size;
        long dataStart = rootStart + ((rootSize + sector - 1) / sector);
        if (dataStart >= totalSectors)
        {
            throw view.Fault(
                ImageFaultKind.InvalidValue, At.TotalSectors32, $"{totalSectors} sectors leave nothing behind the {dataStart} of tables and root");
        }

        long clusterSize = sector * view.U8(At.SectorsPerCluster);
        long clusters = (totalSectors - dataStart) * sector / clusterSize;
        FatKind kind = view.U16(At.FatSize16) == 0 ? FatKind.Fat32
            : clusters <= MaxFat12Clusters ? FatKind.Fat12
            : clusters <= MaxFat16Clusters ? FatKind.Fat16
            : FatKind.Fat32;

        // A table that is too short for the volume bounds the clusters that can be named.
        long fatSize = fatSectors * sector;
        clusters = Math.Min(clusters, Math.Min((fatSize * 8 / (int)kind) - 2, MaxFat32Clusters));
        if (clusters < 1)
        {
            throw view.Fault(ImageFaultKind.InvalidValue, At.FatSize16, $"a table of {fatSize} bytes names no cluster");
        }

        bool isFat32 = kind == FatKind.Fat32;
        if (isFat32 && view.U16(At.Version) != 0)
        {
            throw view.Fault(ImageFaultKind.Unsupported, At.Version, $"version 0x{view.U16(At.Version):X4} is not 0");
        }

        return new FatBootSector
        {
            Kind = kind,
            ClusterSize = (int)clusterSize,
            ClusterCount = (uint)clusters,
            VolumeSize = totalSectors * sector,
            NamesNtfs = view.Bytes(At.OemId, 8).SequenceEqual("NTFS    "u8),
            DataOffset = dataStart * sector,
            FatOffset = (fatStart + (ActiveFat(view, isFat32, fats) * fatSectors)) * sector,
            FatSize = fatSize,
            RootCluster = isFat32 && rootSize == 0 ? view.U32(At.RootCluster) : 0,
            RootOffset = rootStart * sector,
            RootSize = rootSize,
            SerialNumber = view.U32(isFat32 ? 0x43 : 0x27, "VolumeId"),
            Label = ReadLabel(view, isFat32 ? 0x42 : 0x26, isFat32 ? 0x47 : 0x2B),
        };
    }

    /// <summary>Tells what is wrong with a volume that ends before its boot sector says it does: files that lie behind the end cannot be read.</summary>
    public ImageFault? FaultOfLength(long length) => VolumeSize <= length
        ? null
        : new ImageFault(
            ImageFaultKind.Truncated, Structure, nameof(At.TotalSectors32), At.TotalSectors32,
            $"the volume is said to have {VolumeSize} bytes, and there are {length}");

    /// <summary>Checks every field that has few allowed values; together they tell a FAT volume from anything else.</summary>
    private static ImageFormatException? Check(FieldView view)
    {
        int sector = view.U16(At.BytesPerSector);
        int cluster = view.U8(At.SectorsPerCluster);
        int fats = view.U8(At.NumberOfFats);
        int media = view.U8(At.Media);
        return sector is < 512 or > 4096 || !BitOperations.IsPow2(sector)
                ? Fault(view, At.BytesPerSector, $"{sector} bytes are not a power of two from 512 to 4096", nameof(At.BytesPerSector))
            : cluster == 0 || !BitOperations.IsPow2(cluster)
                ? Fault(view, At.SectorsPerCluster, $"{cluster} is not a power of two", nameof(At.SectorsPerCluster))
            : view.U16(At.ReservedSectors) == 0
                ? Fault(view, At.ReservedSectors, "there must be at least this sector", nameof(At.ReservedSectors))
            : fats is < 1 or > 4
                ? Fault(view, At.NumberOfFats, $"{fats} tables are not from 1 to 4", nameof(At.NumberOfFats))
            : media is not 0xF0 and < 0xF8
                ? Fault(view, At.Media, $"0x{media:X2} is neither 0xF0 nor from 0xF8 on", nameof(At.Media))
            : view.U16(At.TotalSectors16) == 0 && view.U32(At.TotalSectors32) == 0
                ? Fault(view, At.TotalSectors32, "the volume has no sectors", nameof(At.TotalSectors32))
            : view.U16(At.FatSize16) == 0 && view.U32(At.FatSize32) == 0
                ? Fault(view, At.FatSize32, "the tables have no sectors", nameof(At.FatSize32))
            : null;

        static ImageFormatException Fault(FieldView view, int offset, string detail, string field)
            => view.Fault(ImageFaultKind.InvalidValue, offset, detail, field);
    }

    /// <summary>Tells which table counts: the first, unless FAT32's flags stop mirroring and name another.</summary>
    private static long ActiveFat(FieldView view, bool isFat32, long fats)
    {
        int flags = isFat32 ? view.U16(At.ExtendedFlags) : 0;
        int active = (flags & 0x80) == 0 ? 0 : flags & 0xF;
        return active < fats
            ? active
            : throw view.Fault(ImageFaultKind.InvalidValue, At.ExtendedFlags, $"table {active} is said to be in use, and there are {fats}");
    }

    private static string ReadLabel(FieldView view, int signature, int label)
    {
        string text = view.U8(signature, "BootSignature") == 0x29 ? OemText.Decode(view.Bytes(label, 11, "VolumeLabel")).TrimEnd() : "";
        return text == NoLabel ? "" : text;
    }
}
