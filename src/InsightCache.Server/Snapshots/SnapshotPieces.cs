using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Seals and opens the pieces of a snapshot, one after the other. Not safe for concurrent use.</summary>
internal sealed class SnapshotPieces(byte[] key, Stream file) : IDisposable
{
    /// <summary>The most bytes of a piece: about 8 MiB, a multiple of a bucket's and of an entry's size.</summary>
    public const int MaxSize = 14_560 * VerdictTable.BucketSize;

    private const int TagSize = 16;
    private const int NonceSize = 12;

    private readonly AesGcm _seal = new(key, TagSize);
    private readonly byte[] _nonce = new byte[NonceSize];
    private readonly byte[] _buffer = new byte[MaxSize + TagSize];
    private long _number;

    /// <summary>Gets where the bytes of a piece are put, or are found.</summary>
    public Span<byte> Piece => _buffer.AsSpan(0, MaxSize);

    /// <summary>Gets how long so many bytes are in the file.</summary>
    public static long LengthOf(long bytes) => bytes + ((bytes + MaxSize - 1) / MaxSize * TagSize);

    public void Write(int length)
    {
        _seal.Encrypt(Nonce(), [], [], _buffer.AsSpan(length, TagSize), _buffer.AsSpan(0, length));
        file.Write(_buffer.AsSpan(0, length + TagSize));
    }

    /// <summary>Reads a piece and verifies it.</summary>
    /// <exception cref="InvalidDataException">It does not fit its seal.</exception>
    public ReadOnlySpan<byte> Read(int length)
    {
        file.ReadExactly(_buffer.AsSpan(0, length + TagSize));
        try
        {
            _seal.Decrypt(Nonce(), [], _buffer.AsSpan(length, TagSize), [], _buffer.AsSpan(0, length));
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new InvalidDataException($"The snapshot cannot be trusted: piece {_number - 1} does not fit its seal.", e);
        }

        return _buffer.AsSpan(0, length);
    }

    public void Dispose() => _seal.Dispose();

    private byte[] Nonce()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_nonce, _number++);
        return _nonce;
    }
}
