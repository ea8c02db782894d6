using System.Buffers.Binary;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>What a frame asks or tells.</summary>
public enum FrameKind : byte
{
    /// <summary>A client asks about contents.</summary>
    Lookup = 1,

    /// <summary>A client tells verdicts.</summary>
    Vote = 2,

    /// <summary>The server answers a lookup.</summary>
    LookupAnswer = 129,

    /// <summary>The server answers votes.</summary>
    VoteAnswer = 130,
}

/// <summary>The first 48 bytes of a request. Numbers are little-endian unless said otherwise.</summary>
/// <remarks>
/// <code>
///  0  4  magic      "ICF1"
///  4  1  kind       1 lookup, 2 vote
///  5  1  flags      bit 0, lookups only: take leases for what is unknown
///  6  2  reserved   0
///  8  4  count      contents that follow, 1 to 4096
/// 12  4  reserved   0
/// 16  8  lane       <see cref="LaneId"/>
/// 24  8  sequence   the number of the definitions, 0 to 2^63 - 1
/// 32 16  digest     the first half of the definitions' digest, as its bytes stand
/// 48     count x 32 bytes, the contents' SHA-256
///        votes: count x 1 byte, the verdicts
/// </code>
/// </remarks>
/// <param name="Kind">What the frame is for.</param>
/// <param name="WantsLeases">Whether a lookup asks for leases.</param>
/// <param name="Count">The number of contents.</param>
/// <param name="Lane">The lane.</param>
/// <param name="Definitions">The client's definitions.</param>
public readonly record struct FrameHeader(FrameKind Kind, bool WantsLeases, int Count, LaneId Lane, DefinitionsStamp Definitions)
{
    /// <summary>The size of the header in bytes.</summary>
    public const int Size = 48;

    internal const uint Magic = 0x31464349;

    /// <summary>Gets the length of the whole frame in bytes.</summary>
    public int FrameLength => Size + (Count * (HashSize + (Kind == FrameKind.Vote ? 1 : 0)));

    private const int HashSize = 32;

    private static class At
    {
        public const int Kind = 4;
        public const int Flags = 5;
        public const int Reserved = 6;
        public const int Count = 8;
        public const int Reserved2 = 12;
        public const int Lane = 16;
        public const int Sequence = 24;
        public const int Digest = 32;
    }

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">At least the first 48 bytes of a request.</param>
    /// <param name="expected">The kind of frame that belongs here.</param>
    /// <returns>The header.</returns>
    /// <exception cref="FrameException">The bytes are no header of this kind; the message names the field.</exception>
    public static FrameHeader Parse(ReadOnlySpan<byte> bytes, FrameKind expected)
    {
        if (bytes.Length < Size)
        {
            throw new FrameException("FrameHeader", "magic", 0, $"needs {Size} bytes, {bytes.Length} left");
        }

        Require(BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic, "magic", 0, "is not \"ICF1\"");
        Require(bytes[At.Kind] == (byte)expected, "kind", At.Kind, $"{bytes[At.Kind]} is not {(byte)expected}, a {expected}");
        int flags = bytes[At.Flags];
        Require(flags == 0 || (flags == 1 && expected == FrameKind.Lookup), "flags", At.Flags, $"{flags} is no set of known flags");
        Require(BinaryPrimitives.ReadUInt16LittleEndian(bytes[At.Reserved..]) == 0, "reserved", At.Reserved, "is not 0");
        Require(BinaryPrimitives.ReadUInt32LittleEndian(bytes[At.Reserved2..]) == 0, "reserved", At.Reserved2, "is not 0");
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[At.Count..]);
        Require(count is >= 1 and <= Routes.MaxBatch, "count", At.Count, $"{count} is not from 1 to {Routes.MaxBatch}");
        long sequence = BinaryPrimitives.ReadInt64LittleEndian(bytes[At.Sequence..]);
        Require(sequence >= 0, "sequence", At.Sequence, $"{sequence} is not from 0 on");
        return new FrameHeader(
            expected,
            flags == 1,
            (int)count,
            new LaneId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[At.Lane..])),
            new DefinitionsStamp(sequence, BinaryPrimitives.ReadUInt128BigEndian(bytes[At.Digest..])));
    }

    /// <summary>Writes the header.</summary>
    /// <param name="bytes">Where it goes, at least 48 bytes.</param>
    public void Write(Span<byte> bytes)
    {
        bytes[..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        bytes[At.Kind] = (byte)Kind;
        bytes[At.Flags] = WantsLeases ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[At.Count..], Count);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[At.Lane..], Lane.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[At.Sequence..], Definitions.Sequence);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[At.Digest..], Definitions.Digest);
    }

    private static void Require(bool holds, string field, int offset, string detail)
    {
        if (!holds)
        {
            throw new FrameException("FrameHeader", field, offset, detail);
        }
    }
}
