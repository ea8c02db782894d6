using System.Security.Cryptography;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>The root over the blocks of a catalogue. The blocks are hashed by all processors.</summary>
/// <remarks>Source: RFC 6962 section 2.1: a leaf is hashed behind a 0, an inner node behind a 1, so that neither can be taken for the other.</remarks>
internal static unsafe class MerkleTree
{
    private const int BlocksAtOnce = 256;

    /// <summary>Computes the root over bytes in memory.</summary>
    /// <param name="bytes">The first byte.</param>
    /// <param name="length">How many there are; the last block may be shorter.</param>
    public static ContentHash RootOf(byte* bytes, long length)
    {
        long count = Math.Max(1, (length + SealLayout.BlockSize - 1) / SealLayout.BlockSize);
        byte[] level = GC.AllocateUninitializedArray<byte>(checked((int)(count * ContentHash.Size)));
        nint start = (nint)bytes;
        int groups = (int)((count + BlocksAtOnce - 1) / BlocksAtOnce);
        Parallel.For(0, groups, group =>
        {
            Span<byte> block = stackalloc byte[SealLayout.BlockSize + 1];
            block[0] = 0;
            long last = Math.Min(count, (group + 1L) * BlocksAtOnce);
            for (long i = (long)group * BlocksAtOnce; i < last; i++)
            {
                long at = i * SealLayout.BlockSize;
                int size = (int)Math.Min(SealLayout.BlockSize, length - at);
                new ReadOnlySpan<byte>((byte*)start + at, size).CopyTo(block[1..]);
                SHA256.HashData(block[..(size + 1)], level.AsSpan((int)(i * ContentHash.Size), ContentHash.Size));
            }
        });

        Span<byte> pair = stackalloc byte[1 + (2 * ContentHash.Size)];
        pair[0] = 1;
        int nodes = (int)count;
        while (nodes > 1)
        {
            int parents = 0;
            for (int i = 0; i < nodes; i += 2, parents++)
            {
                Span<byte> parent = level.AsSpan(parents * ContentHash.Size, ContentHash.Size);
                ReadOnlySpan<byte> left = level.AsSpan(i * ContentHash.Size, ContentHash.Size);
                if (i + 1 == nodes)
                {
                    left.CopyTo(parent);
                    continue;
                }

                level.AsSpan(i * ContentHash.Size, 2 * ContentHash.Size).CopyTo(pair[1..]);
                SHA256.HashData(pair, parent);
            }

            nodes = parents;
        }

        return new ContentHash(level.AsSpan(0, ContentHash.Size));
    }
}
