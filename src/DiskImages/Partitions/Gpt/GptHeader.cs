using System.IO.Hashing;
using System.Numerics;

namespace Symantec.Virtualization.DiskImages.Partitions.Gpt;

/// <summary>Header of a GUID partition table: little-endian, in the second sector of the disk and again in its last.</summary>
/// <remarks>Source: UEFI 2.10, section 5.3.2.</remarks>
internal sealed record GptHeader
{
    public const string Structure = "GptHeader";

    public const int MinSize = 92;

    /// <summary>More than any tool writes; 128 is common.</summary>
    private const uint MaxEntries = 4096;

    private const uint MaxEntrySize = 4096;

    private static class At
    {
        public const int Signature = 0x00;
        public const int HeaderSize = 0x0C;
        public const int HeaderCrc32 = 0x10;
        public const int MyLba = 0x18;
        public const int PartitionEntryLba = 0x48;
        public const int NumberOfPartitionEntries = 0x50;
        public const int SizeOfPartitionEntry = 0x54;
        public const int PartitionEntryArrayCrc32 = 0x58;
    }

    /// <summary>Gets the checksum of the entry array.</summary>
    public required uint EntriesCrc32 { get; init; }

    /// <summary>Gets the sector where the entry array begins.</summary>
    public required ulong EntriesLba { get; init; }

    /// <summary>Gets the number of entries, used or not: from 0 to 4096.</summary>
    public required int EntryCount { get; init; }

    /// <summary>Gets the size of an entry in bytes: 128 times a power of two, up to 4096.</summary>
    public required int EntrySize { get; init; }

    public static bool HasSignature(ReadOnlySpan<byte> bytes) => bytes.StartsWith("EFI PART"u8);

    /// <summary>Reads and checks a header.</summary>
    /// <param name="bytes">The sector.</param>
    /// <param name="origin">Its offset on the disk.</param>
    /// <param name="lba">Its number.</param>
    public static GptHeader Parse(ReadOnlySpan<byte> bytes, long origin, ulong lba)
    {
        FieldView view = new(bytes, Structure, origin);
        if (!HasSignature(bytes))
        {
            throw view.Fault(ImageFaultKind.InvalidValue, At.Signature, "it is not \"EFI PART\"");
        }

        uint size = view.U32(At.HeaderSize);
        if (size < MinSize || size > bytes.Length)
        {
            throw view.Fault(ImageFaultKind.InvalidValue, At.HeaderSize, $"{size} bytes are not from {MinSize} to {bytes.Length}");
        }

        uint stored = view.U32(At.HeaderCrc32);
        uint computed = Checksum(bytes[..(int)size]);
        if (stored != computed)
        {
            throw view.Fault(ImageFaultKind.Mismatch, At.HeaderCrc32, $"0x{stored:X8} is stored, the header's checksum is 0x{computed:X8}");
        }

        if (view.U64(At.MyLba) != lba)
        {
            throw view.Fault(ImageFaultKind.Mismatch, At.MyLba, $"sector {view.U64(At.MyLba)} is stored, the header stands in sector {lba}");
        }

        uint count = view.U32(At.NumberOfPartitionEntries);
        if (count > MaxEntries)
        {
            throw view.Fault(ImageFaultKind.LimitExceeded, At.NumberOfPartitionEntries, $"{count} entries are above {MaxEntries}");
        }

        uint entrySize = view.U32(At.SizeOfPartitionEntry);
        if (entrySize is < GptEntry.MinSize or > MaxEntrySize || !BitOperations.IsPow2(entrySize))
        {
            throw view.Fault(
                ImageFaultKind.InvalidValue, At.SizeOfPartitionEntry, $"{entrySize} bytes are not a power of two from {GptEntry.MinSize} to {MaxEntrySize}");
        }

        return new GptHeader
        {
            EntriesCrc32 = view.U32(At.PartitionEntryArrayCrc32),
            EntriesLba = view.U64(At.PartitionEntryLba),
            EntryCount = (int)count,
            EntrySize = (int)entrySize,
        };
    }

    /// <summary>Computes the checksum of a header, in which its own field counts as zero.</summary>
    private static uint Checksum(ReadOnlySpan<byte> header)
    {
        Crc32 crc = new();
        crc.Append(header[..At.HeaderCrc32]);
        crc.Append([0, 0, 0, 0]);
        crc.Append(header[(At.HeaderCrc32 + sizeof(uint))..]);
        return crc.GetCurrentHashAsUInt32();
    }
}
