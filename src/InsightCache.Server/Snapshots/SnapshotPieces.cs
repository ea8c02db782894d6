using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What writing and reading the pieces of a snapshot agree on.</summary>
internal static class SnapshotPieces
{
    /// <summary>The most bytes of a piece: about 8 MiB, a multiple of a bucket's and of an entry's size.</summary>
    public const int MaxSize = 14_560 * FullKeys.BucketSize;

    /// <summary>The size of the tag behind each piece.</summary>
    public const int TagSize = 16;

    private const int NonceSize = 12;

    /// <summary>Gets how many pieces so many bytes make.</summary>
    public static long CountOf(long bytes) => bytes <= 0 ? 0 : ((bytes - 1) / MaxSize) + 1;

    /// <summary>Gets how many of so many bytes a piece has.</summary>
    public static int SizeOf(long number, long bytes) => (int)Math.Min(bytes - (number * MaxSize), MaxSize);

    /// <summary>Gets how long so many bytes are in the file.</summary>
    public static long LengthOf(long bytes) => bytes + (CountOf(bytes) * TagSize);

    /// <summary>Makes what seals pieces and opens them.</summary>
    public static AesGcm SealOf(byte[] key) => new(key, TagSize);

    /// <summary>Gets the nonce of a piece.</summary>
    public static byte[] NonceOf(long number)
    {
        byte[] nonce = new byte[NonceSize];
        BinaryPrimitives.WriteInt64LittleEndian(nonce, number);
        return nonce;
    }
}
