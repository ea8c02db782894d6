using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Reads pieces of a snapshot in any order and verifies them. For one thread; others have readers of their own, since one processor verifies no faster than a good disk reads.</summary>
/// <param name="key">The key of the seal.</param>
/// <param name="file">The file. Remains the caller's.</param>
/// <param name="start">Where the first piece begins in the file.</param>
/// <param name="turn">What readers of the same file share, so that the disk is asked for one piece after the other: what the system reads ahead for one is the next one's.</param>
internal sealed class SnapshotPieceReader(byte[] key, SafeFileHandle file, long start, Lock turn) : IDisposable
{
    private readonly AesGcm _seal = SnapshotPieces.SealOf(key);
    private readonly byte[] _tag = new byte[SnapshotPieces.TagSize];
    private byte[] _piece = [];

    /// <summary>Reads a piece to where it is wanted.</summary>
    /// <param name="number">Which piece, from 0.</param>
    /// <param name="piece">Receives it, and holds what must not be used if this throws.</param>
    /// <exception cref="InvalidDataException">It does not fit its seal.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void Read(long number, Span<byte> piece)
    {
        long at = start + (number * (SnapshotPieces.MaxSize + SnapshotPieces.TagSize));
        lock (turn)
        {
            ReadExactly(piece, at);
            ReadExactly(_tag, at + piece.Length);
        }

        try
        {
            _seal.Decrypt(SnapshotPieces.NonceOf(number), [], _tag, [], piece);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new InvalidDataException($"The snapshot cannot be trusted: piece {number} does not fit its seal.", e);
        }
    }

    /// <summary>Reads a piece into memory that is used anew for the next one.</summary>
    /// <param name="number">Which piece, from 0.</param>
    /// <param name="length">How many bytes it has.</param>
    /// <exception cref="InvalidDataException">It does not fit its seal.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public ReadOnlySpan<byte> Read(long number, int length)
    {
        if (_piece.Length == 0)
        {
            _piece = new byte[SnapshotPieces.MaxSize];
        }

        Span<byte> piece = _piece.AsSpan(0, length);
        Read(number, piece);
        return piece;
    }

    public void Dispose() => _seal.Dispose();

    private void ReadExactly(Span<byte> bytes, long at)
    {
        while (bytes.Length > 0)
        {
            int read = RandomAccess.Read(file, bytes, at);
            if (read == 0)
            {
                throw new EndOfStreamException($"The snapshot ends at byte {at}, within a piece.");
            }

            at += read;
            bytes = bytes[read..];
        }
    }
}
