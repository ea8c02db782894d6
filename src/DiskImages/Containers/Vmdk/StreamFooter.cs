namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>The end of a stream-optimized extent whose writer could not go back: a second header that knows where the directory is.</summary>
/// <remarks>
/// Source: VMware Virtual Disk Format 1.1, "Stream-Optimized Compressed Sparse Extents". The last 1536 bytes of the file are a
/// footer marker, the header's copy and an end-of-stream marker, 512 bytes each.
/// </remarks>
internal static class StreamFooter
{
    private const int SectorSize = SectorCount.SectorSize;
    private const int Size = 3 * SectorSize;

    public static SparseHeader Read(ByteSource file)
    {
        Span<byte> bytes = stackalloc byte[Size];
        long origin = Math.Max(0, file.Length - Size);
        file.ReadExactly(origin, bytes, "StreamFooter");
        StreamMarker.Expect(StreamMarkerKind.Footer, bytes[..SectorSize], origin);
        SparseHeader header = SparseHeader.Parse(bytes.Slice(SectorSize, SectorSize), origin + SectorSize);
        StreamMarker.Expect(StreamMarkerKind.EndOfStream, bytes[(2 * SectorSize)..], origin + (2 * SectorSize));
        return header.DirectoryOffset is not null
            ? header
            : throw new ImageFormatException(new ImageFault(
                ImageFaultKind.Loop, "StreamFooter", "GdOffset", origin + SectorSize, "the footer refers to a footer again"));
    }
}
