using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What a record of the log says.</summary>
internal enum LogRecordKind : byte
{
    /// <summary>A client voted contents clean.</summary>
    Voted = 1,

    /// <summary>A client was told that contents are clean.</summary>
    Relied = 2,

    /// <summary>Records before this one were lost: the server was killed, or the disk was slower than its clients.</summary>
    Gap = 3,

    /// <summary>The server ended in good order.</summary>
    End = 4,

    /// <summary>Says nothing, and fills a page. Its fingerprints are zeros.</summary>
    Room = 5,
}

/// <summary>A record of the log: who, when, and the fingerprints of the contents. Numbers are little-endian.</summary>
/// <remarks>
/// <code>
///  0  4  checksum   low half of XxHash3 over the rest of the record
///  4  1  kind       <see cref="LogRecordKind"/>
///  5  1  lane
///  6  2  count      0 to 4096
///  8  4  client
/// 12  4  second     as <see cref="ServerClock"/> counts them
/// 16     count x 8 bytes, the fingerprints
/// </code>
/// The checksum finds what a crash has cut. It is no seal: whoever can write here can have clients named too many or too few, and can make nothing clean.
/// </remarks>
/// <param name="Kind">What it says.</param>
/// <param name="Lane">In which lane.</param>
/// <param name="Count">Of how many contents.</param>
/// <param name="Client">Of whom.</param>
/// <param name="Second">When.</param>
internal readonly record struct LogRecord(LogRecordKind Kind, byte Lane, int Count, uint Client, uint Second)
{
    public const int HeaderSize = 16;

    public const int MaxSize = HeaderSize + (4096 * sizeof(ulong));

    public int Size => HeaderSize + (Count * sizeof(ulong));

    /// <summary>Writes the header in front of fingerprints that are there already.</summary>
    public void Write(Span<byte> record)
    {
        record[4] = (byte)Kind;
        record[5] = Lane;
        BinaryPrimitives.WriteUInt16LittleEndian(record[6..], (ushort)Count);
        BinaryPrimitives.WriteUInt32LittleEndian(record[8..], Client);
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], Second);
        BinaryPrimitives.WriteUInt32LittleEndian(record, Checksum(record[4..Size]));
    }

    /// <summary>Reads a record; <see langword="false"/> if none begins here.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out LogRecord record, out ReadOnlySpan<ulong> fingerprints)
    {
        record = default;
        fingerprints = default;
        if (bytes.Length < HeaderSize)
        {
            return false;
        }

        record = new LogRecord(
            (LogRecordKind)bytes[4],
            bytes[5],
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));
        if (record.Size > bytes.Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Checksum(bytes[4..record.Size]))
        {
            return false;
        }

        // The file is only ever read on the machine that wrote it.
        fingerprints = MemoryMarshal.Cast<byte, ulong>(bytes[HeaderSize..record.Size]);
        return true;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes) => unchecked((uint)XxHash3.HashToUInt64(bytes));
}
