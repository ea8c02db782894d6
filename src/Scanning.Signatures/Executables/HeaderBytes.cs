using System.Buffers.Binary;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Bytes of a header in one byte order.</summary>
internal readonly ref struct HeaderBytes(ReadOnlySpan<byte> bytes, bool bigEndian = false)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Length => _bytes.Length;

    public ushort U16(int offset)
        => bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(_bytes[offset..]) : BinaryPrimitives.ReadUInt16LittleEndian(_bytes[offset..]);

    public uint U32(int offset)
        => bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(_bytes[offset..]) : BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]);

    public ulong U64(int offset)
        => bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(_bytes[offset..]) : BinaryPrimitives.ReadUInt64LittleEndian(_bytes[offset..]);

    /// <summary>Gets a number that is 4 bytes long in 32-bit programs and 8 bytes in 64-bit ones.</summary>
    public ulong Word(bool wide, int offset32, int offset64) => wide ? U64(offset64) : U32(offset32);

    public ReadOnlySpan<byte> Bytes(int offset, int size) => _bytes.Slice(offset, size);

    public HeaderBytes From(int offset) => new(_bytes[offset..], bigEndian);

    /// <summary>Fills a buffer.</summary>
    /// <returns><see langword="false"/> if the content ends before, or the offset lies behind any content's end.</returns>
    public static bool TryRead(ScanContent content, ulong offset, Span<byte> buffer)
        => offset <= (ulong)content.Length && content.Read((long)offset, buffer) == buffer.Length;
}
