using System.Security.Cryptography;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Seals the pieces of a snapshot, one after the other; the disk works on one while the caller fills another. Not safe for concurrent use.</summary>
internal sealed class SnapshotPieceWriter(byte[] key, Stream file) : IDisposable
{
    private readonly AesGcm _seal = SnapshotPieces.SealOf(key);
    private byte[] _buffer = new byte[SnapshotPieces.MaxSize + SnapshotPieces.TagSize];
    private byte[] _other = new byte[SnapshotPieces.MaxSize + SnapshotPieces.TagSize];
    private Task _disk = Task.CompletedTask;
    private long _number;

    /// <summary>Gets where the bytes of the next piece are put.</summary>
    public Span<byte> Piece => _buffer.AsSpan(0, SnapshotPieces.MaxSize);

    /// <summary>Seals the piece and has it written; the disk may still be at it when this returns.</summary>
    /// <exception cref="IOException">A piece before could not be written.</exception>
    public void Write(int length)
    {
        _seal.Encrypt(SnapshotPieces.NonceOf(_number++), [], [], _buffer.AsSpan(length, SnapshotPieces.TagSize), _buffer.AsSpan(0, length));
        WaitForDisk();
        byte[] sealedPiece = _buffer;
        _disk = Task.Run(() => file.Write(sealedPiece.AsSpan(0, length + SnapshotPieces.TagSize)));
        (_buffer, _other) = (_other, _buffer);
    }

    /// <summary>Waits until everything was written.</summary>
    /// <exception cref="IOException">It could not be.</exception>
    public void WaitForDisk() => _disk.GetAwaiter().GetResult();

    public void Dispose()
    {
        // Nobody else may close the file under a disk that is at work, whatever becomes of it.
        _disk.ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
        _seal.Dispose();
    }
}
