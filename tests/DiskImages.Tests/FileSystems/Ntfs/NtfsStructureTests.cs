using System.Buffers.Binary;
using Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

namespace Symantec.Virtualization.DiskImages.Tests.FileSystems.Ntfs;

/// <summary>The fixed structures of NTFS, each broken in one field.</summary>
public class NtfsStructureTests
{
    public static TheoryData<string, int, string, ImageFaultKind, string> BrokenBootSectors => new()
    {
        { "a sector of 513 bytes", 0x0B, "0102", ImageFaultKind.InvalidValue, "BytesPerSector" },
        { "a sector of 8192 bytes", 0x0B, "0020", ImageFaultKind.InvalidValue, "BytesPerSector" },
        { "three sectors a cluster", 0x0D, "03", ImageFaultKind.InvalidValue, "SectorsPerCluster" },
        { "no sectors a cluster", 0x0D, "00", ImageFaultKind.InvalidValue, "SectorsPerCluster" },
        { "clusters of 2^127 sectors", 0x0D, "81", ImageFaultKind.LimitExceeded, "SectorsPerCluster" },
        { "no sectors", 0x28, "0000000000000000", ImageFaultKind.InvalidValue, "TotalSectors" },
        { "a negative number of sectors", 0x28, "FFFFFFFFFFFFFFFF", ImageFaultKind.InvalidValue, "TotalSectors" },
        { "a table behind the volume", 0x30, "FFFFFF0000000000", ImageFaultKind.InvalidValue, "MftStartLcn" },
        { "records of no clusters", 0x40, "00", ImageFaultKind.InvalidValue, "ClustersPerFileRecord" },
        { "records of 2^128 bytes", 0x40, "80", ImageFaultKind.InvalidValue, "ClustersPerFileRecord" },
        { "records of 127 clusters", 0x40, "7F", ImageFaultKind.InvalidValue, "ClustersPerFileRecord" },
    };

    public static TheoryData<string, int, string, ImageFaultKind, string, int> BrokenRecords => new()
    {
        { "an update sequence for another size", 0x06, "0400", ImageFaultKind.InvalidValue, "UpdateSequence", 0x04 },
        { "an update sequence that guards itself", 0x04, "F901", ImageFaultKind.InvalidValue, "UpdateSequence", 0x04 },
        { "more bytes in use than there are", 0x18, "01040000", ImageFaultKind.InvalidValue, "BytesInUse", 0x18 },
        { "fewer bytes in use than the header has", 0x18, "2F000000", ImageFaultKind.InvalidValue, "BytesInUse", 0x18 },
        { "attributes inside the header", 0x14, "2000", ImageFaultKind.InvalidValue, "FirstAttributeOffset", 0x14 },
        { "attributes behind the bytes in use", 0x14, "FF03", ImageFaultKind.InvalidValue, "FirstAttributeOffset", 0x14 },
    };

    public static TheoryData<string, int, string, ImageFaultKind, string> BrokenAttributes => new()
    {
        { "a length of zero, which would be walked for ever", 0x04, "00000000", ImageFaultKind.InvalidValue, "Length" },
        { "a length that is no multiple of 8", 0x04, "21000000", ImageFaultKind.InvalidValue, "Length" },
        { "a length behind the record", 0x04, "00100000", ImageFaultKind.InvalidValue, "Length" },
        { "a value longer than the attribute", 0x10, "FFFFFFFF", ImageFaultKind.InvalidValue, "ValueLength" },
        { "a value behind the attribute", 0x14, "FF00", ImageFaultKind.Truncated, "ValueOffset" },
        { "a name behind the attribute", 0x09, "40", ImageFaultKind.Truncated, "NameOffset" },
    };

    [Theory]
    [MemberData(nameof(BrokenBootSectors))]
    public void A_boot_sector_names_its_broken_field(string because, int at, string hex, ImageFaultKind kind, string field)
    {
        byte[] sector = TinyImage.Load("ntfs").Bytes[..NtfsBootSector.Size];
        Convert.FromHexString(hex).CopyTo(sector, at);

        ImageFault fault = Reading.Faults(() => NtfsBootSector.Parse(sector, 0x10000));

        Assert.Equal(new ImageFault(kind, "NtfsBootSector", field, 0x10000 + at, fault.Detail), fault);
        Assert.False(string.IsNullOrEmpty(because));
    }

    [Theory]
    [InlineData(512, 0x08, 4096)]
    [InlineData(512, 0x80, 65_536)]
    [InlineData(512, 0xF8, 131_072)]
    [InlineData(512, 0xF4, 2_097_152)]
    [InlineData(4096, 0x01, 4096)]
    public void A_cluster_is_counted_in_sectors_or_as_a_negative_exponent(int sector, byte perCluster, int clusterSize)
    {
        byte[] bytes = TinyImage.Load("ntfs").Bytes[..NtfsBootSector.Size];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(0x0B), (ushort)sector);
        (bytes[0x0D], bytes[0x40]) = (perCluster, 0xF6);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(0x28), 1L << 40);

        Assert.Equal(clusterSize, NtfsBootSector.Parse(bytes, 0).ClusterSize);
    }

    [Theory]
    [MemberData(nameof(BrokenRecords))]
    public void A_file_record_names_its_broken_field(string because, int at, string hex, ImageFaultKind kind, string field, int where)
    {
        byte[] record = Record();
        Convert.FromHexString(hex).CopyTo(record, at);

        ImageFault fault = Reading.Faults(() => FileRecord.Parse(record, 0x4000));

        Assert.Equal(new ImageFault(kind, "FileRecord", field, 0x4000 + where, fault.Detail), fault);
        Assert.False(string.IsNullOrEmpty(because));
    }

    [Fact]
    public void A_torn_record_is_used_and_reported_with_the_sector_that_is_of_another_time()
    {
        byte[] record = Record();
        record[1022] ^= 0xFF;

        FileRecord parsed = FileRecord.Parse(record, 0x4000);

        Assert.Equal((ImageFaultKind.Mismatch, "UpdateSequence", 0x4000L + 1022), (parsed.Torn!.Kind, parsed.Torn.Field, parsed.Torn.Offset));
        Assert.True(parsed.IsInUse);
    }

    [Fact]
    public void The_words_that_the_update_sequence_keeps_are_put_back()
    {
        byte[] record = Record();
        record.AsSpan(0x32, 4).Clear();
        (record[0x32], record[0x34]) = (0xAA, 0xBB);

        Assert.Null(FileRecord.Parse(record, 0).Torn);
        Assert.Equal((0xAA, 0xBB), (record[510], record[1022]));
    }

    [Theory]
    [MemberData(nameof(BrokenAttributes))]
    public void An_attribute_names_its_broken_field(string because, int at, string hex, ImageFaultKind kind, string field)
    {
        byte[] record = Record();
        FileRecord header = FileRecord.Parse(record, 0);
        Convert.FromHexString(hex).CopyTo(record, header.FirstAttribute + at);

        ImageFault fault = Reading.Faults(() =>
        {
            AttributeWalk walk = new(record, header, 0x4000);
            while (walk.MoveNext())
            {
                _ = walk.Current.Name;
                if (!walk.Current.IsNonResident)
                {
                    _ = walk.Current.Value.Length;
                }
            }
        });

        Assert.Equal((kind, "Attribute", field), (fault.Kind, fault.Structure, fault.Field));
        Assert.InRange(fault.Offset, 0x4000 + header.FirstAttribute, 0x4400);
        Assert.False(string.IsNullOrEmpty(because));
    }

    [Fact]
    public void An_entry_of_an_attribute_list_that_has_no_length_is_a_fault_and_no_endless_list()
    {
        ImageFault fault = Reading.Faults(() => AttributeListEntry.ParseAll(new byte[64], 0x100));

        Assert.Equal((ImageFaultKind.InvalidValue, "AttributeListEntry", "Length", 0x104L), (fault.Kind, fault.Structure, fault.Field, fault.Offset));
    }

    /// <summary>The record of the root folder, as it stands on the volume.</summary>
    private static byte[] Record()
    {
        byte[] volume = TinyImage.Load("ntfs").Bytes;
        NtfsBootSector boot = NtfsBootSector.Parse(volume.AsSpan(0, 512), 0);
        int at = ((int)boot.MftStart.Value * boot.ClusterSize) + (5 * boot.RecordSize);
        return volume[at..(at + boot.RecordSize)];
    }
}
