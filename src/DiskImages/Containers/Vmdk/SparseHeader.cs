using System.Numerics;

namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>What the flag word of a sparse extent says.</summary>
[Flags]
internal enum SparseFlags : uint
{
    ValidNewLineTest = 1u << 0,
    RedundantDirectory = 1u << 1,

    /// <summary>A grain table entry of 1 is a grain of zeros that hides the parent's.</summary>
    ZeroedGrains = 1u << 2,
    CompressedGrains = 1u << 16,
    Markers = 1u << 17,
}

/// <summary>Header of a hosted sparse extent: 512 bytes, little-endian, at the start of the file or in its footer.</summary>
/// <remarks>Source: VMware Virtual Disk Format 1.1, "Hosted Sparse Extent Header"; the limits are those of shipped writers.</remarks>
internal sealed record SparseHeader
{
    public const int Size = SectorCount.SectorSize;

    /// <summary>"KDMV", the magic number as it stands in the file.</summary>
    public const uint MagicNumber = 0x564D444B;

    /// <summary>2 MiB, the largest grain that qemu writes or reads; VMware's are 64 KiB.</summary>
    private const long MaxGrainSectors = 4096;

    /// <summary>VMware's tables have 512 entries, and qemu reads no larger ones.</summary>
    private const uint MaxTableEntries = 4096;

    private const ulong DirectoryAtEnd = ulong.MaxValue;

    private static class At
    {
        public const int Magic = 0x00;
        public const int Version = 0x04;
        public const int Flags = 0x08;
        public const int Capacity = 0x0C;
        public const int GrainSize = 0x14;
        public const int DescriptorOffset = 0x1C;
        public const int DescriptorSize = 0x24;
        public const int NumGTEsPerGT = 0x2C;
        public const int GdOffset = 0x38;
        public const int CompressAlgorithm = 0x4D;
    }

    /// <summary>Gets the size of the extent as the machine sees it.</summary>
    public required SectorCount Capacity { get; init; }

    /// <summary>Gets where the embedded descriptor begins; 0 sectors if there is none.</summary>
    public required SectorCount DescriptorOffset { get; init; }

    /// <summary>Gets the room for the embedded descriptor.</summary>
    public required SectorCount DescriptorSize { get; init; }

    /// <summary>Gets where the grain directory begins; <see langword="null"/> when the footer at the end of the file says it.</summary>
    public required SectorCount? DirectoryOffset { get; init; }

    public required SparseFlags Flags { get; init; }

    /// <summary>Gets the unit of allocation: a power of two from 8 to 4096 sectors.</summary>
    public required SectorCount GrainSize { get; init; }

    /// <summary>Gets the number of grains that one grain table maps: from 1 to 4096, commonly 512.</summary>
    public required int TableEntries { get; init; }

    public bool IsCompressed => Flags.HasFlag(SparseFlags.CompressedGrains);

    /// <summary>Gets the number of grain tables that the capacity needs; the last one may be part used.</summary>
    public long TableCount => (GrainCount + TableEntries - 1) / TableEntries;

    public long GrainCount => (Capacity.Value + GrainSize.Value - 1) / GrainSize.Value;

    public static SparseHeader Parse(ReadOnlySpan<byte> bytes, long origin)
    {
        FieldView view = new(bytes, "SparseExtentHeader", origin);
        if (view.U32(At.Magic) != MagicNumber)
        {
            throw view.Fault(ImageFaultKind.InvalidValue, At.Magic, $"0x{view.U32(At.Magic):X8} is not \"KDMV\"");
        }

        uint version = view.U32(At.Version);
        if (version is < 1 or > 3)
        {
            throw view.Fault(ImageFaultKind.Unsupported, At.Version, $"version {version} is not 1, 2 or 3");
        }

        SparseFlags flags = (SparseFlags)view.U32(At.Flags);
        SectorCount grain = view.Sectors(At.GrainSize);
        if (grain.Value is < 8 or > MaxGrainSectors || !BitOperations.IsPow2(grain.Value))
        {
            throw view.Fault(ImageFaultKind.InvalidValue, At.GrainSize, $"{grain} is not a power of two from 8 to {MaxGrainSectors}");
        }

        uint tableEntries = view.U32(At.NumGTEsPerGT);
        if (tableEntries is < 1 or > MaxTableEntries)
        {
            throw view.Fault(ImageFaultKind.LimitExceeded, At.NumGTEsPerGT, $"{tableEntries} entries are not from 1 to {MaxTableEntries}");
        }

        ushort algorithm = view.U16(At.CompressAlgorithm);
        if (flags.HasFlag(SparseFlags.CompressedGrains) && algorithm != 1)
        {
            throw view.Fault(ImageFaultKind.Unsupported, At.CompressAlgorithm, $"algorithm {algorithm} is not 1 (deflate)");
        }

        return new SparseHeader
        {
            Capacity = view.Sectors(At.Capacity),
            DescriptorOffset = view.Sectors(At.DescriptorOffset),
            DescriptorSize = view.Sectors(At.DescriptorSize),
            DirectoryOffset = view.U64(At.GdOffset) == DirectoryAtEnd ? null : view.Sectors(At.GdOffset),
            Flags = flags,
            GrainSize = grain,
            TableEntries = (int)tableEntries,
        };
    }
}
