using System.Buffers.Binary;
using System.IO.Compression;
using SharpCompress.Readers;
using SharpCompress.Readers.Zip;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>How members of ZIP archives are packed.</summary>
internal static class ZipMethods
{
    public const int Stored = 0;

    private const int Deflated = 8;
    private const int Lzma = 14;
    private const int Ppmd = 98;

    /// <summary>Tells whether a method is one that somebody ever defined and an unpacker is there for.</summary>
    public static bool IsKnown(int method) => method is >= Stored and <= 6 or Deflated or 9 or 12 or Lzma or 93 or Ppmd;

    /// <summary>Opens a member's bytes for unpacking.</summary>
    public static Stream Open(MemberWalk walk, ZipEntry entry, Stream packed)
    {
        if (entry.Method == Deflated)
        {
            return new DeflateStream(packed, CompressionMode.Decompress);
        }

        if (!IsKnown(entry.Method))
        {
            throw new NotSupportedException($"packed by method {entry.Method}");
        }

        if (entry.Length is not { } length || entry.PackedLength is not { } packedLength)
        {
            throw new NotSupportedException($"packed by method {entry.Method} without a stated length");
        }

        if (length > walk.Limits.MaxMemberLength || packedLength > walk.Container.Length)
        {
            throw new NotSupportedException($"packed by method {entry.Method}, from {packedLength:N0} to {length:N0} bytes");
        }

        if (entry.Method is Lzma or Ppmd)
        {
            Span<byte> properties = stackalloc byte[9];
            packed.ReadExactly(properties);
            packed.Position = 0;
            HeaderBytes fields = new(properties);
            Dictionaries.Check(walk.Limits, entry.Method == Lzma ? fields.U32(5) : (((fields.U16(0) >> 4) & 0xFF) + 1L) << 20);
        }

        // The unpackers are reached through a reader of whole archives only, which gets one with nothing but this member.
        ReaderOptions options = new();
        IReader reader = ZipReader.OpenReader(new HeadedStream(Header(entry, packedLength, length), packed), options);
        return reader.MoveToNextEntry()
            ? new OwningStream(reader.OpenEntryStream(), reader)
            : throw new InvalidDataException("no unpacker takes it");
    }

    private static byte[] Header(ZipEntry entry, long packedLength, long length)
    {
        const int LimitFlags = 0x06;
        byte[] header = new byte[ZipEntry.LocalHeaderSize + 1];
        "PK\x03\x04"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), 63);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(6), (ushort)(entry.Flags & LimitFlags));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)entry.Method);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(14), entry.Crc32 ?? 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(18), (uint)packedLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(22), (uint)length);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(26), 1);
        header[^1] = (byte)'x';
        return header;
    }
}
