using System.Buffers.Binary;

namespace Symantec.Virtualization.DiskImages.Tests.FileSystems.Ntfs;

/// <summary>Compresses with LZNT1, simply: the longest match of a short search, chunk by chunk.</summary>
internal static class Lznt1Writer
{
    private const int ChunkSize = 4096;

    public static byte[] Compress(ReadOnlySpan<byte> data)
    {
        List<byte> output = [];
        for (int at = 0; at < data.Length; at += ChunkSize)
        {
            ReadOnlySpan<byte> chunk = data[at..Math.Min(data.Length, at + ChunkSize)];
            byte[] packed = CompressChunk(chunk);
            bool isSmaller = packed.Length < chunk.Length;
            ReadOnlySpan<byte> body = isSmaller ? packed : chunk;
            ushort header = (ushort)((isSmaller ? 0xB000 : 0x3000) | (body.Length - 1));
            output.AddRange([(byte)(header & 0xFF), (byte)(header >> 8)]);
            output.AddRange(body);
        }

        return [.. output];
    }

    private static byte[] CompressChunk(ReadOnlySpan<byte> chunk)
    {
        List<byte> output = [];
        int at = 0;
        while (at < chunk.Length)
        {
            int flagsAt = output.Count;
            output.Add(0);
            for (int bit = 0; bit < 8 && at < chunk.Length; bit++)
            {
                (int distance, int length) = FindMatch(chunk, at);
                if (length < 3)
                {
                    output.Add(chunk[at++]);
                    continue;
                }

                byte[] word = new byte[2];
                BinaryPrimitives.WriteUInt16LittleEndian(word, (ushort)(((distance - 1) << LengthBits(at)) | (length - 3)));
                output.AddRange(word);
                output[flagsAt] |= (byte)(1 << bit);
                at += length;
            }
        }

        return [.. output];
    }

    private static int LengthBits(int at)
    {
        int bits = 12;
        for (int reach = at - 1; reach >= 16; reach >>= 1)
        {
            bits--;
        }

        return bits;
    }

    private static (int Distance, int Length) FindMatch(ReadOnlySpan<byte> chunk, int at)
    {
        int most = Math.Min(chunk.Length - at, (1 << LengthBits(at)) + 2);
        (int Distance, int Length) best = (0, 0);
        for (int distance = 1; distance <= Math.Min(at, 300); distance++)
        {
            int length = 0;
            while (length < most && chunk[at + length] == chunk[at + length - distance])
            {
                length++;
            }

            if (length > best.Length)
            {
                best = (distance, length);
            }
        }

        return best;
    }
}
