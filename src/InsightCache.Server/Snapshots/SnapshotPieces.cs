using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Seals and opens the pieces of a snapshot, one after the other; the disk works on one while the caller does on another. Not safe for concurrent use.</summary>
internal sealed class SnapshotPieces(byte[] key, Stream file) : IDisposable
{
    /// <summary>The most bytes of a piece: about 8 MiB, a multiple of a bucket's and of an entry's size.</summary>
    public const int MaxSize = 14_560 * FullKeys.BucketSize;

    private const int TagSize = 16;
    private const int NonceSize = 12;

    private readonly AesGcm _seal = new(key, TagSize);
    private readonly byte[] _nonce = new byte[NonceSize];
    private byte[] _buffer = new byte[MaxSize + TagSize];
    private byte[] _other = new byte[MaxSize + TagSize];
    private Task _disk = Task.CompletedTask;
    private long _number;
    private int _read;

    /// <summary>Gets where the bytes of the next piece are put.</summary>
    public Span<byte> Piece => _buffer.AsSpan(0, MaxSize);

    /// <summary>Gets how long so many bytes are in the file.</summary>
    public static long LengthOf(long bytes) => bytes + ((bytes + MaxSize - 1) / MaxSize * TagSize);

    /// <summary>Seals the piece and has it written; the disk may still be at it when this returns.</summary>
    /// <exception cref="IOException">A piece before could not be written.</exception>
    public void Write(int length)
    {
        _seal.Encrypt(Nonce(), [], [], _buffer.AsSpan(length, TagSize), _buffer.AsSpan(0, length));
        WaitForDisk();
        byte[] sealedPiece = _buffer;
        _disk = Task.Run(() => file.Write(sealedPiece.AsSpan(0, length + TagSize)));
        (_buffer, _other) = (_other, _buffer);
    }

    /// <summary>Waits until everything was written, or everything that was begun was read.</summary>
    /// <exception cref="IOException">It could not be.</exception>
    public void WaitForDisk() => _disk.GetAwaiter().GetResult();

    /// <summary>Begins to read a piece and to verify it, while the one before is worked on.</summary>
    public void BeginRead(int length)
    {
        byte[] piece = _other;
        _read = length;
        _disk = Task.Run(() =>
        {
            file.ReadExactly(piece.AsSpan(0, length + TagSize));
            _seal.Decrypt(Nonce(), [], piece.AsSpan(length, TagSize), [], piece.AsSpan(0, length));
        });
    }

    /// <summary>Gets the piece whose reading was begun.</summary>
    /// <exception cref="InvalidDataException">It does not fit its seal.</exception>
    public ReadOnlySpan<byte> EndRead()
    {
        try
        {
            WaitForDisk();
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new InvalidDataException($"The snapshot cannot be trusted: piece {_number - 1} does not fit its seal.", e);
        }

        (_buffer, _other) = (_other, _buffer);
        return _buffer.AsSpan(0, _read);
    }

    public void Dispose()
    {
        // Nobody else may close the file under a disk that is at work, whatever becomes of it.
        _disk.ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
        _seal.Dispose();
    }

    private byte[] Nonce()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_nonce, _number++);
        return _nonce;
    }
}
