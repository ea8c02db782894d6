using System.Buffers.Binary;

namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>LZNT1, the compression of NTFS: chunks of 4 KiB, each either stored or a series of literals and back-references within the chunk.</summary>
/// <remarks>Source: [MS-XCA] 2.5, "LZNT1 Algorithm Details".</remarks>
internal static class Lznt1
{
    private const int ChunkSize = 4096;
    private const int HeaderSize = sizeof(ushort);
    private const int MinMatch = 3;

    /// <summary>Decompresses a unit.</summary>
    /// <param name="source">The compressed bytes; a chunk header of 0, or their end, ends them.</param>
    /// <param name="origin">Their offset on the volume.</param>
    /// <param name="destination">Where the bytes go. What the chunks do not reach, and the rest of a chunk that is short, becomes zeros.</param>
    public static void Decompress(ReadOnlySpan<byte> source, long origin, Span<byte> destination)
    {
        int at = 0;
        while (destination.Length > 0 && source.Length - at >= HeaderSize)
        {
            ushort header = BinaryPrimitives.ReadUInt16LittleEndian(source[at..]);
            if (header == 0)
            {
                break;
            }

            int size = (header & 0xFFF) + 1;
            int start = at + HeaderSize;
            if (size > source.Length - start)
            {
                throw Fault(ImageFaultKind.Truncated, "Size", origin + at, $"needs {size} bytes, {source.Length - start} left");
            }

            Span<byte> chunk = destination[..Math.Min(ChunkSize, destination.Length)];
            ReadOnlySpan<byte> data = source.Slice(start, size);
            bool isCompressed = (header & 0x8000) != 0;
            int written = isCompressed ? DecompressChunk(data, origin + start, chunk) : CopyChunk(data, chunk);
            chunk[written..].Clear();
            destination = destination[chunk.Length..];
            at = start + size;
        }

        destination.Clear();
    }

    private static int CopyChunk(ReadOnlySpan<byte> data, Span<byte> chunk)
    {
        int size = Math.Min(data.Length, chunk.Length);
        data[..size].CopyTo(chunk);
        return size;
    }

    private static int DecompressChunk(ReadOnlySpan<byte> data, long origin, Span<byte> chunk)
    {
        int at = 0;
        int written = 0;
        while (at < data.Length && written < chunk.Length)
        {
            int flags = data[at++];
            for (int bit = 0; bit < 8 && at < data.Length && written < chunk.Length; bit++, flags >>= 1)
            {
                if ((flags & 1) == 0)
                {
                    chunk[written++] = data[at++];
                    continue;
                }

                if (data.Length - at < sizeof(ushort))
                {
                    throw Fault(ImageFaultKind.Truncated, "CompressedWord", origin + at, "needs 2 bytes, 1 left");
                }

                ushort word = BinaryPrimitives.ReadUInt16LittleEndian(data[at..]);
                written += CopyMatch(word, chunk, written, origin + at);
                at += sizeof(ushort);
            }
        }

        return written;
    }

    /// <summary>Copies a match; the further the chunk has come, the more bits of the word are its distance.</summary>
    private static int CopyMatch(ushort word, Span<byte> chunk, int written, long origin)
    {
        int lengthBits = 12;
        for (int reach = written - 1; reach >= 0x10; reach >>= 1)
        {
            lengthBits--;
        }

        int length = (word & ((1 << lengthBits) - 1)) + MinMatch;
        int distance = (word >> lengthBits) + 1;
        if (distance > written)
        {
            throw Fault(ImageFaultKind.InvalidValue, "Displacement", origin, $"{distance} bytes back, where the chunk has {written}");
        }

        // A unit that ends with the stream may be cut, and its last match with it.
        length = Math.Min(length, chunk.Length - written);
        Span<byte> target = chunk.Slice(written, length);
        ReadOnlySpan<byte> match = chunk.Slice(written - distance, Math.Min(distance, length));
        while (target.Length > match.Length)
        {
            match.CopyTo(target);
            target = target[match.Length..];
        }

        match[..target.Length].CopyTo(target);
        return length;
    }

    private static ImageFormatException Fault(ImageFaultKind kind, string field, long offset, string detail)
        => new(new ImageFault(kind, "Lznt1Chunk", field, offset, detail));
}
