using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A file in a compiled help file.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Section">0 if it lies there as it is, 1 if it is packed.</param>
/// <param name="Offset">Where it begins in its section.</param>
/// <param name="Length">Its length.</param>
internal sealed record ChmEntry(string Name, long Section, long Offset, long Length);

/// <summary>The directory of a compiled help file: chunks of names, in alphabetical order.</summary>
internal static class ChmDirectory
{
    private const int HeaderSize = 0x54;
    private const int ChunkHeaderSize = 0x14;
    private const int MaxChunk = 1 << 16;

    /// <summary>Reads all chunks that hold names, whatever order they are in.</summary>
    public static IEnumerable<ChmEntry> Read(MemberWalk walk, long start)
    {
        byte[] header = new byte[HeaderSize];
        walk.Read(start, header, "ChmDirectoryHeader");
        HeaderBytes fields = new(header);
        uint chunkSize = fields.U32(0x10);
        uint chunks = fields.U32(0x2C);
        if (chunkSize is < ChunkHeaderSize or > MaxChunk)
        {
            throw new ArchiveFormatException($"ChmDirectoryHeader.ChunkSize at 0x{start + 0x10:X}: {chunkSize}");
        }

        byte[] chunk = new byte[chunkSize];
        for (long i = 0; i < chunks; i++)
        {
            walk.Read(start + HeaderSize + (i * chunkSize), chunk, "ChmDirectoryChunk");
            if (!chunk.AsSpan().StartsWith("PMGL"u8))
            {
                continue;
            }

            int end = (int)Math.Max(0, chunkSize - (long)new HeaderBytes(chunk).U32(4));
            for (int at = ChunkHeaderSize; at < end;)
            {
                long nameLength = Number(chunk, end, ref at);
                if (nameLength <= 0 || nameLength > end - at)
                {
                    throw new ArchiveFormatException($"ChmDirectoryChunk {i}: a name of {nameLength} bytes");
                }

                string name = Encoding.UTF8.GetString(chunk, at, (int)nameLength);
                at += (int)nameLength;
                yield return new ChmEntry(name, Number(chunk, end, ref at), Number(chunk, end, ref at), Number(chunk, end, ref at));
            }
        }
    }

    /// <summary>Reads a number of 7 bits a byte, the highest first.</summary>
    private static long Number(byte[] chunk, int end, ref int at)
    {
        long number = 0;
        while (at < end)
        {
            byte next = chunk[at++];
            number = (number << 7) | (uint)(next & 0x7F);
            if (number > long.MaxValue >> 8)
            {
                break;
            }

            if (next < 0x80)
            {
                return number;
            }
        }

        throw new ArchiveFormatException("ChmDirectoryChunk has a number without an end");
    }
}
