using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Symantec.Virtualization.DiskImages.Tests.Partitions;

/// <summary>Writes partition tables onto a disk in memory.</summary>
internal sealed class TableWriter(int sectors, int sectorSize = 512)
{
    public byte[] Disk { get; } = new byte[sectors * sectorSize];

    /// <summary>Writes an entry of a boot record, and its signature.</summary>
    public TableWriter Mbr(long record, int slot, byte type, uint start, uint count, byte status = 0)
    {
        Span<byte> sector = Disk.AsSpan((int)(record * sectorSize), 512);
        Span<byte> entry = sector.Slice(0x1BE + (slot * 16), 16);
        entry[0] = status;
        entry[4] = type;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], start);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], count);
        BinaryPrimitives.WriteUInt16LittleEndian(sector[0x1FE..], 0xAA55);
        return this;
    }

    /// <summary>Writes a GPT with its backup.</summary>
    public TableWriter Gpt(params (Guid Type, ulong First, ulong Last, string Name)[] partitions)
    {
        byte[] entries = new byte[128 * 128];
        for (int i = 0; i < partitions.Length; i++)
        {
            Span<byte> entry = entries.AsSpan(i * 128);
            partitions[i].Type.TryWriteBytes(entry);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[0x20..], partitions[i].First);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[0x28..], partitions[i].Last);
            Encoding.Unicode.GetBytes(partitions[i].Name, entry[0x38..]);
        }

        int entrySectors = (entries.Length + sectorSize - 1) / sectorSize;
        Header(1, 2, entries);
        Header(sectors - 1, sectors - 1 - entrySectors, entries);
        return this;
    }

    /// <summary>Computes a header's checksum anew, after a test changed the header.</summary>
    public void Reseal(long lba)
    {
        Span<byte> header = Disk.AsSpan((int)(lba * sectorSize), 92);
        header.Slice(0x10, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[0x10..], Crc32.HashToUInt32(header));
    }

    private void Header(long lba, long entriesLba, byte[] entries)
    {
        entries.CopyTo(Disk, entriesLba * sectorSize);
        Span<byte> header = Disk.AsSpan((int)(lba * sectorSize), 92);
        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[0x08..], 0x10000);
        BinaryPrimitives.WriteUInt32LittleEndian(header[0x0C..], 92);
        BinaryPrimitives.WriteInt64LittleEndian(header[0x18..], lba);
        BinaryPrimitives.WriteInt64LittleEndian(header[0x48..], entriesLba);
        BinaryPrimitives.WriteUInt32LittleEndian(header[0x50..], 128);
        BinaryPrimitives.WriteUInt32LittleEndian(header[0x54..], 128);
        BinaryPrimitives.WriteUInt32LittleEndian(header[0x58..], Crc32.HashToUInt32(entries));
        Reseal(lba);
    }
}
