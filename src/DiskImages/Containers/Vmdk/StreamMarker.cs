namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>Kinds of the markers in a stream-optimized extent that hold no grain.</summary>
internal enum StreamMarkerKind : uint
{
    EndOfStream = 0,
    GrainTable = 1,
    GrainDirectory = 2,
    Footer = 3,
}

/// <summary>Marker in a stream-optimized extent: in front of each compressed grain, and of each table.</summary>
/// <remarks>Source: VMware Virtual Disk Format 1.1, "Stream-Optimized Compressed Sparse Extents".</remarks>
/// <param name="Value">Grain: its first sector in the extent. Others: the length in sectors of what follows.</param>
/// <param name="DataSize">Grain: the length of the compressed data in bytes. Others: 0.</param>
internal readonly record struct StreamMarker(ulong Value, uint DataSize)
{
    /// <summary>The bytes in front of a grain's data.</summary>
    public const int GrainHeaderSize = 12;

    private const string Structure = "Marker";

    private static class At
    {
        public const int Value = 0x0;
        public const int Size = 0x8;
        public const int Type = 0xC;
    }

    /// <summary>Reads the marker in front of a grain, which must be the grain that the table says it is.</summary>
    /// <param name="bytes">The marker's bytes.</param>
    /// <param name="origin">Its offset in the file.</param>
    /// <param name="firstSector">The grain's first sector in the extent.</param>
    /// <param name="maxDataSize">The most bytes that a compressed grain may have.</param>
    public static StreamMarker ParseGrain(ReadOnlySpan<byte> bytes, long origin, SectorCount firstSector, int maxDataSize)
    {
        FieldView view = new(bytes, Structure, origin);
        ulong value = view.U64(At.Value);
        if (value != (ulong)firstSector.Value)
        {
            throw view.Fault(ImageFaultKind.Mismatch, At.Value, $"the grain of sector {value} stands where the grain of sector {firstSector.Value} should");
        }

        uint size = view.U32(At.Size);
        if (size == 0 || size > maxDataSize)
        {
            throw view.Fault(ImageFaultKind.LimitExceeded, At.Size, $"{size} bytes of compressed data are not from 1 to {maxDataSize}");
        }

        return new StreamMarker(value, size);
    }

    /// <summary>Checks that a marker of a kind stands where it must.</summary>
    public static void Expect(StreamMarkerKind kind, ReadOnlySpan<byte> bytes, long origin)
    {
        FieldView view = new(bytes, Structure, origin);
        uint size = view.U32(At.Size);
        if (size != 0)
        {
            throw view.Fault(ImageFaultKind.InvalidValue, At.Size, $"{size} bytes of data where a marker of kind {kind} should be");
        }

        uint type = view.U32(At.Type);
        if (type != (uint)kind)
        {
            throw view.Fault(ImageFaultKind.InvalidValue, At.Type, $"kind {type} is not {(uint)kind} ({kind})");
        }
    }
}
