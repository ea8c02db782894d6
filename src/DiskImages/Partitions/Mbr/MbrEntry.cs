using System.Buffers.Binary;

namespace Symantec.Virtualization.DiskImages.Partitions.Mbr;

/// <summary>One of the four entries of a boot record's partition table: 16 bytes, little-endian.</summary>
/// <param name="Origin">The entry's offset on the disk.</param>
/// <param name="Status">0x80 for the partition to boot from, else 0.</param>
/// <param name="Type">The stated type.</param>
/// <param name="Start">The first sector; in an extended boot record it counts from that record, or for links from the chain's first.</param>
/// <param name="Count">The number of sectors.</param>
internal readonly record struct MbrEntry(long Origin, byte Status, byte Type, uint Start, uint Count)
{
    public const string ExtendedStructure = "ExtendedBootRecord";

    private const int Size = 16;

    private static class At
    {
        public const int Table = 0x1BE;
        public const int Signature = 0x1FE;
        public const int Status = 0x0;
        public const int Type = 0x4;
        public const int StartingLba = 0x8;
        public const int SizeInLba = 0xC;
    }

    public bool IsUsed => Type != 0 && Count != 0;

    public bool IsExtended => IsUsed && Type is 0x05 or 0x0F or 0x85;

    public bool IsGptProtection => Type == 0xEE;

    /// <summary>Gets a value indicating whether the entry is one, and not boot code or text.</summary>
    public bool IsPlausible => Status is 0x00 or 0x80 && (!IsUsed || Start > 0);

    public static bool HasSignature(ReadOnlySpan<byte> record)
        => BinaryPrimitives.ReadUInt16LittleEndian(record[At.Signature..]) == 0xAA55;

    public static MbrEntry[] ParseTable(ReadOnlySpan<byte> record, long origin, string structure)
    {
        MbrEntry[] entries = new MbrEntry[4];
        for (int i = 0; i < entries.Length; i++)
        {
            int start = At.Table + (i * Size);
            FieldView view = new(record.Slice(start, Size), structure, origin + start);
            entries[i] = new MbrEntry(
                origin + start, view.U8(At.Status), view.U8(At.Type), view.U32(At.StartingLba), view.U32(At.SizeInLba));
        }

        return entries;
    }
}
