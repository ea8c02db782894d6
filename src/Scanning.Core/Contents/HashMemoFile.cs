using System.Buffers.Binary;
using System.IO.Hashing;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>The file of a memo. Numbers are little-endian.</summary>
/// <remarks>
/// <code>
///  0  8  magic        "SVHMEMO1"
///  8  8  count        entries that follow
/// 16 32  key          of the fingerprints
/// 48     count x 48   16 bytes fingerprint, never 0, and 32 bytes hash
///    16  checksum     XxHash128 over all entries and then the first 48 bytes; against accidents, not against forgers
/// </code>
/// </remarks>
internal static class HashMemoFile
{
    public const int KeySize = 32;

    private const int HeaderSize = 48;
    private const int EntrySize = 16 + ContentHash.Size;
    private const int ChecksumSize = 16;
    private const int EntriesPerPiece = 16 << 10;

    private static ReadOnlySpan<byte> Magic => "SVHMEMO1"u8;

    private static class At
    {
        public const int Count = 8;
        public const int Key = 16;
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">How many entries the table takes; what is beyond is left out.</param>
    /// <exception cref="InvalidDataException">It is damaged, or something else.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static (byte[] Key, IdentityTable Table) Read(string path, int limit)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        byte[] header = new byte[HeaderSize];
        if (file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize || !header.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            throw new InvalidDataException($"{path} is no memo of hashes.");
        }

        long count = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(At.Count));
        long left = file.Length - HeaderSize - ChecksumSize;
        if (left < 0 || left % EntrySize != 0 || count != left / EntrySize || count > PersistentHashMemo.MaxMaxEntries)
        {
            throw new InvalidDataException($"{path} holds {left:N0} bytes of entries, and {count:N0} entries are stated.");
        }

        XxHash128 checksum = new();
        IdentityTable table = new(limit);
        byte[] piece = new byte[(int)Math.Min(count, EntriesPerPiece) * EntrySize];
        for (long done = 0; done < count; done += EntriesPerPiece)
        {
            Span<byte> bytes = piece.AsSpan(0, (int)Math.Min(count - done, EntriesPerPiece) * EntrySize);
            file.ReadExactly(bytes);
            checksum.Append(bytes);
            PutAll(bytes, table, path);
        }

        checksum.Append(header);
        Span<byte> stated = stackalloc byte[ChecksumSize];
        Span<byte> actual = stackalloc byte[ChecksumSize];
        file.ReadExactly(stated);
        checksum.GetCurrentHash(actual);
        return stated.SequenceEqual(actual)
            ? (header[At.Key..], table)
            : throw new InvalidDataException($"{path} is damaged: its checksum does not hold.");
    }

    /// <summary>Writes a file: beside the one that stands, which it replaces when it is on the disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key of the fingerprints.</param>
    /// <param name="table">The table, which is in use meanwhile.</param>
    /// <param name="inUse">Is held for each piece of the table that is copied.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, byte[] key, IdentityTable table, Lock inUse)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (FileStream file = new(temporary, options))
            {
                WriteAll(file, key, table, inUse);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void PutAll(ReadOnlySpan<byte> bytes, IdentityTable table, string path)
    {
        for (; bytes.Length > 0; bytes = bytes[EntrySize..])
        {
            UInt128 fingerprint = BinaryPrimitives.ReadUInt128LittleEndian(bytes);
            if (fingerprint == UInt128.Zero)
            {
                throw new InvalidDataException($"{path} is damaged: an entry is empty.");
            }

            table.Put(fingerprint, new ContentHash(bytes[16..EntrySize]));
        }
    }

    private static void WriteAll(FileStream file, byte[] key, IdentityTable table, Lock inUse)
    {
        UInt128[] fingerprints;
        ContentHash[] hashes;
        lock (inUse)
        {
            (fingerprints, hashes) = table.Arrays;
        }

        // How many entries there are is known at the end: others may be remembered meanwhile.
        file.Position = HeaderSize;
        long count = 0;
        XxHash128 checksum = new();
        byte[] piece = new byte[EntriesPerPiece * EntrySize];
        for (int start = 0; start < fingerprints.Length; start += EntriesPerPiece)
        {
            int length = 0;
            lock (inUse)
            {
                for (int i = start; i < Math.Min(start + EntriesPerPiece, fingerprints.Length); i++)
                {
                    if (fingerprints[i] != UInt128.Zero)
                    {
                        BinaryPrimitives.WriteUInt128LittleEndian(piece.AsSpan(length), fingerprints[i]);
                        hashes[i].CopyTo(piece.AsSpan(length + 16));
                        length += EntrySize;
                    }
                }
            }

            file.Write(piece.AsSpan(0, length));
            checksum.Append(piece.AsSpan(0, length));
            count += length / EntrySize;
        }

        Span<byte> header = stackalloc byte[HeaderSize];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header[At.Count..], count);
        key.CopyTo(header[At.Key..]);
        checksum.Append(header);
        file.Write(checksum.GetCurrentHash());
        file.Position = 0;
        file.Write(header);
    }
}
