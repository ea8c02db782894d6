using System.Buffers;
using System.IO.Compression;

namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>The grains of a compressed extent: each a zlib stream (RFC 1950), with or without a marker in front.</summary>
/// <remarks>
/// A read that covers a whole grain inflates it straight into the reader's buffer. Smaller reads share the inflated grain through a
/// bounded cache, since the pattern of a file system, many small reads that lie close together, would inflate it again for each.
/// </remarks>
internal sealed class CompressedGrains
{
    private const string Structure = "CompressedGrain";

    private readonly ByteSource _file;
    private readonly SparseHeader _header;
    private readonly int _grainSize;
    private readonly GrainCache _cache;
    private readonly int _extent;

    public CompressedGrains(ByteSource file, SparseHeader header, ExtentCaches caches, int extent)
    {
        _file = file;
        _header = header;
        _grainSize = (int)header.GrainSize.Bytes;
        _cache = caches.GrainsOf(_grainSize);
        _extent = extent;
    }

    /// <summary>Gets the most bytes that a stored grain may have: data that does not shrink is a little longer than the grain.</summary>
    private int MaxStoredSize => 2 * _grainSize;

    /// <summary>Reads a part of a grain.</summary>
    /// <param name="sector">Where the grain lies in the file.</param>
    /// <param name="grain">The grain's number.</param>
    /// <param name="offset">The offset in the grain.</param>
    /// <param name="buffer">Where the bytes go; it does not reach past the grain.</param>
    public void Read(SectorCount sector, long grain, int offset, Span<byte> buffer)
    {
        if (buffer.Length == GrainLength(grain))
        {
            Inflate(sector, grain, buffer);
            return;
        }

        _cache.Read((_extent, grain), offset, buffer, (number, whole) => Inflate(sector, number, whole[..GrainLength(number)]));
    }

    /// <summary>Gets a grain's length; the last one ends with the extent.</summary>
    private int GrainLength(long grain) => (int)Math.Min(_grainSize, _header.Capacity.Bytes - (grain * _grainSize));

    private void Inflate(SectorCount sector, long grain, Span<byte> destination)
    {
        byte[] stored = ArrayPool<byte>.Shared.Rent(StreamMarker.GrainHeaderSize + MaxStoredSize);
        try
        {
            long origin = sector.Bytes;
            ArraySegment<byte> data = ReadStored(origin, grain, stored);
            InflateExactly(data, destination, origin);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    private ArraySegment<byte> ReadStored(long origin, long grain, byte[] buffer)
    {
        // One read fetches nearly every grain; data that did not shrink takes a second one for its tail.
        int likely = _grainSize;
        int read = _file.Read(origin, buffer.AsSpan(0, likely));
        if (!_header.Flags.HasFlag(SparseFlags.Markers))
        {
            read += _file.Read(origin + read, buffer.AsSpan(read, MaxStoredSize - read));
            return new ArraySegment<byte>(buffer, 0, read);
        }

        SectorCount firstSector = new(grain * _header.GrainSize.Value);
        StreamMarker marker = StreamMarker.ParseGrain(buffer.AsSpan(0, read), origin, firstSector, MaxStoredSize);
        int end = StreamMarker.GrainHeaderSize + (int)marker.DataSize;
        if (end > read)
        {
            _file.ReadExactly(origin + read, buffer.AsSpan(read, end - read), Structure);
        }

        return new ArraySegment<byte>(buffer, StreamMarker.GrainHeaderSize, (int)marker.DataSize);
    }

    private void InflateExactly(ArraySegment<byte> data, Span<byte> destination, long origin)
    {
        try
        {
            using MemoryStream stored = new(data.Array!, data.Offset, data.Count, writable: false);
            using ZLibStream zlib = new(stored, CompressionMode.Decompress);
            int inflated = zlib.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
            if (inflated < destination.Length)
            {
                throw Fault(ImageFaultKind.Truncated, $"inflates to {inflated} bytes of {destination.Length}");
            }

            // Reading on to the end checks the sum behind the data. Only the extent's last grain may hold more than the extent has.
            Span<byte> beyond = stackalloc byte[256];
            if (zlib.Read(beyond) > 0 && destination.Length == _grainSize)
            {
                throw Fault(ImageFaultKind.LimitExceeded, $"inflates to more than the grain's {_grainSize} bytes");
            }
        }
        catch (Exception e) when (e is InvalidDataException or (IOException and not ImageFormatException))
        {
            // The bytes are in memory: an IOException is zlib's own, for a stream that wants a dictionary.
            throw new ImageFormatException(new ImageFault(ImageFaultKind.Mismatch, Structure, "", origin, e.Message), e);
        }

        ImageFormatException Fault(ImageFaultKind kind, string detail) => new(new ImageFault(kind, Structure, "", origin, detail));
    }
}
