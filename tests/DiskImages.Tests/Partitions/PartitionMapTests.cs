using System.Text;
using FsCheck;
using FsCheck.Xunit;
using Symantec.Virtualization.DiskImages.Partitions;

namespace Symantec.Virtualization.DiskImages.Tests.Partitions;

public class PartitionMapTests
{
    private static readonly Guid WindowsData = new("EBD0A0A2-B9E5-4433-87C0-68B6B72699C7");
    private static readonly Guid MicrosoftReserved = new("E3C9E316-0B5C-4DB8-817D-F92DF00215AE");

    [Fact]
    public void Primary_partitions_keep_the_number_of_their_slot()
    {
        PartitionMap map = Read(new TableWriter(100).Mbr(0, 1, 0x07, 10, 20).Mbr(0, 3, 0x0C, 40, 5, status: 0x80));

        Assert.Equal("MBR", map.Scheme);
        Assert.Equal([(2, 5120L, 10240L, "NTFS or exFAT (07)"), (4, 20480, 2560, "FAT32 (0C)")], Facts(map));
    }

    [Fact]
    public void Logical_partitions_count_from_their_own_record_and_links_from_the_first()
    {
        TableWriter disk = new TableWriter(200)
            .Mbr(0, 0, 0x07, 1, 9).Mbr(0, 1, 0x0F, 20, 100)
            .Mbr(20, 0, 0x06, 2, 10).Mbr(20, 1, 0x05, 30, 20)
            .Mbr(50, 0, 0x0B, 4, 10).Mbr(50, 1, 0x05, 60, 20)
            .Mbr(80, 0, 0x07, 1, 5);

        Assert.Equal([(1, 512L), (5, 22 * 512), (6, 54 * 512), (7, 81 * 512)], Read(disk).Partitions.Select(p => (p.Number, p.Offset)));
    }

    [Fact]
    public void A_chain_of_logical_partitions_that_loops_ends_with_a_fault_after_each_was_listed_once()
    {
        TableWriter disk = new TableWriter(200).Mbr(0, 0, 0x05, 20, 100)
            .Mbr(20, 0, 0x07, 2, 10).Mbr(20, 1, 0x05, 30, 20)
            .Mbr(50, 0, 0x07, 2, 10).Mbr(50, 1, 0x05, 0, 20);

        PartitionMap map = Read(disk);

        Assert.Equal(2, map.Partitions.Count);
        Assert.Equal((ImageFaultKind.Loop, "ExtendedBootRecord", 20L * 512), Fault(map));
    }

    [Fact]
    public void A_partition_that_ends_behind_the_disk_is_cut_and_reported()
    {
        PartitionMap map = Read(new TableWriter(100).Mbr(0, 0, 0x07, 10, 200));

        Assert.Equal(90 * 512, Assert.Single(map.Partitions).Length);
        Assert.Equal(ImageFaultKind.Truncated, Assert.Single(map.Faults).Kind);
    }

    [Fact]
    public void A_partition_behind_the_disk_is_reported()
    {
        PartitionMap map = Read(new TableWriter(100).Mbr(0, 0, 0x07, 10, 20).Mbr(0, 1, 0x07, 500, 20));

        Assert.Equal([1], map.Partitions.Select(p => p.Number));
        Assert.Equal((ImageFaultKind.Truncated, "Partition", 0x1CEL), Fault(map));
    }

    [Fact]
    public void Addresses_count_4096_bytes_where_file_systems_begin_there()
    {
        TableWriter disk = new TableWriter(1000).Mbr(0, 0, 0x07, 10, 20);

        Assert.Equal((1, 10 * 512L, 20 * 512L, "NTFS or exFAT (07)"), Facts(Read(disk, 10 * 512)).Single());
        Assert.Equal((1, 10 * 4096L, 20 * 4096L, "NTFS or exFAT (07)"), Facts(Read(disk, 10 * 4096)).Single());
    }

    [Fact]
    public void A_disk_that_is_one_volume_needs_no_table()
    {
        PartitionMap map = Read(new TableWriter(100), fileSystemAt: 0);

        Assert.Equal("none", map.Scheme);
        Assert.Equal([(0, 0L, 100 * 512L, "whole disk")], Facts(map));
    }

    [Fact]
    public void A_boot_sector_with_text_where_a_table_would_be_is_no_table()
    {
        TableWriter disk = new TableWriter(100).Mbr(0, 0, 0, 0, 0);
        Encoding.ASCII.GetBytes("A disk read error occurred; press Ctrl+Alt+Del to restart it all").CopyTo(disk.Disk, 0x1BE);

        Assert.Equal([0], Read(disk, fileSystemAt: 0).Partitions.Select(p => p.Number));
    }

    [Fact]
    public void A_disk_that_reads_as_a_volume_and_as_a_table_is_read_as_both()
    {
        PartitionMap map = Read(new TableWriter(100).Mbr(0, 0, 0x07, 10, 20), fileSystemAt: 0);

        Assert.Equal([1, 0], map.Partitions.Select(p => p.Number));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(1024)]
    [InlineData(2048)]
    [InlineData(4096)]
    public void A_GPT_is_found_at_every_sector_size(int sectorSize)
    {
        TableWriter disk = new TableWriter(200, sectorSize).Mbr(0, 0, 0xEE, 1, 199)
            .Gpt((WindowsData, 50, 59, "Basic data partition"), (MicrosoftReserved, 60, 60, ""));

        PartitionMap map = Read(disk);

        Assert.Equal("GPT", map.Scheme);
        Assert.Equal([(1, 50L * sectorSize, 10L * sectorSize, "Windows data"), (2, 60L * sectorSize, sectorSize, "Microsoft reserved")], Facts(map));
        Assert.Equal(["Basic data partition", ""], map.Partitions.Select(p => p.Name));
        Assert.Empty(map.Faults);
    }

    [Theory]
    [InlineData(0x00, "is not \"EFI PART\"", "Signature")]
    [InlineData(0x28, "checksum", "HeaderCrc32")]
    [InlineData(0x0C, "bytes are not from", "HeaderSize")]
    public void A_damaged_primary_table_gives_way_to_its_backup(int at, string because, string field)
    {
        TableWriter disk = new TableWriter(200).Mbr(0, 0, 0xEE, 1, 199).Gpt((WindowsData, 50, 59, ""));
        disk.Disk[512 + at] ^= 0x55;

        PartitionMap map = Read(disk);

        Assert.Equal([(1, 50 * 512L)], map.Partitions.Select(p => (p.Number, p.Offset)));
        Assert.Equal(("GptHeader", field), (Assert.Single(map.Faults).Structure, map.Faults[0].Field));
        Assert.False(string.IsNullOrEmpty(because));
    }

    [Fact]
    public void Damaged_entries_are_taken_from_both_tables()
    {
        TableWriter disk = new TableWriter(200).Mbr(0, 0, 0xEE, 1, 199).Gpt((WindowsData, 50, 59, ""));
        disk.Disk[1024 + 0x20] = 40;

        PartitionMap map = Read(disk);

        Assert.Equal([50 * 512L, 40 * 512L], map.Partitions.Select(p => p.Offset));
        Assert.Equal((ImageFaultKind.Mismatch, "GptHeader", 1024L), Fault(map));
    }

    [Fact]
    public void A_promised_GPT_that_is_not_there_is_a_fault()
    {
        PartitionMap map = Read(new TableWriter(200).Mbr(0, 0, 0xEE, 1, 199));

        Assert.Equal((ImageFaultKind.Missing, "GptHeader", 512L), Fault(map));
    }

    [Theory]
    [InlineData(0x48, 0xFF, "PartitionEntryLba", ImageFaultKind.Truncated)]
    [InlineData(0x52, 0xFF, "NumberOfPartitionEntries", ImageFaultKind.LimitExceeded)]
    [InlineData(0x54, 0x81, "SizeOfPartitionEntry", ImageFaultKind.InvalidValue)]
    [InlineData(0x18, 0x02, "MyLba", ImageFaultKind.Mismatch)]
    public void A_header_that_lies_under_a_valid_checksum_is_a_fault(int at, byte value, string field, ImageFaultKind kind)
    {
        TableWriter disk = new TableWriter(200).Mbr(0, 0, 0xEE, 1, 199).Gpt((WindowsData, 50, 59, ""));
        foreach (int lba in new[] { 1, 199 })
        {
            disk.Disk[(lba * 512) + at] = value;
            disk.Reseal(lba);
        }

        PartitionMap map = Read(disk);

        Assert.All(map.Faults, fault => Assert.Equal((kind, field), (fault.Kind, fault.Field)));
        Assert.Equal(2, map.Faults.Count);
    }

    [Fact]
    public void A_hybrid_disk_lists_a_partition_once()
    {
        TableWriter disk = new TableWriter(200).Mbr(0, 0, 0xEE, 1, 33).Mbr(0, 1, 0x07, 50, 10).Mbr(0, 2, 0x0B, 100, 10)
            .Gpt((WindowsData, 50, 59, ""));

        Assert.Equal([(1, 50 * 512L), (3, 100 * 512)], Read(disk).Partitions.Select(p => (p.Number, p.Offset)));
    }

    /// <summary>Where a table says where partitions are: a change in there, and only in there, may move or remove what the entry leads to.</summary>
    private static readonly (int Entry, int[] LeadsTo)[] MbrEntries =
    [
        (0x1BE, [1]), (0x1CE, [5, 6]), ((20 * 512) + 0x1BE, [5]), ((20 * 512) + 0x1CE, [6]), ((50 * 512) + 0x1BE, [6]),
    ];

    [Property(MaxTest = 1000)]
    public void After_any_change_of_an_MBR_each_partition_is_there_or_a_fault_is_unless_its_own_entries_changed(
        DoNotSize<uint> at, byte value, DoNotSize<uint> at2, byte value2)
    {
        TableWriter disk = new TableWriter(200).Mbr(0, 0, 0x07, 5, 10)
            .Mbr(0, 1, 0x05, 20, 100).Mbr(20, 0, 0x07, 2, 10).Mbr(20, 1, 0x05, 30, 20).Mbr(50, 0, 0x07, 2, 10);
        (int Number, long Offset, long Length)[] pristine = [.. Places(disk.Disk, out _)];
        Assert.Equal([1, 5, 6], pristine.Select(static partition => partition.Number));
        int[] records = [0, 20 * 512, 50 * 512];
        int[] changes = [.. new[] { at, at2 }.Select(place => records[place.Item % 3] + (int)(place.Item / 3 % 512))];
        (disk.Disk[changes[0]], disk.Disk[changes[1]]) = (value, value2);

        List<(int Number, long Offset, long Length)> found = Places(disk.Disk, out bool isFaulty);

        foreach ((int number, long offset, long length) in pristine)
        {
            bool isThere = found.Exists(partition => (partition.Offset, partition.Length) == (offset, length));
            bool isOwnEntry = MbrEntries.Any(entry => entry.LeadsTo.Contains(number) && changes.Any(change => change >= entry.Entry && change < entry.Entry + 16));
            Assert.True(isThere || isFaulty || isOwnEntry, $"partition {number} is gone after 0x{changes[0]:X} = 0x{value:X2}, 0x{changes[1]:X} = 0x{value2:X2}");
        }
    }

    [Property(MaxTest = 1000)]
    public void After_any_change_of_a_GPT_each_partition_is_there_and_any_change_that_counts_is_a_fault(DoNotSize<uint> at, byte value)
    {
        TableWriter disk = new TableWriter(200).Mbr(0, 0, 0xEE, 1, 199).Gpt((WindowsData, 50, 59, "a"), (WindowsData, 60, 69, "b"));
        List<(int Number, long Offset, long Length)> pristine = Places(disk.Disk, out _);
        Assert.Equal(2, pristine.Count);

        // One change in four hits the first entries, which alone are used.
        int change = (int)(at.Item % 4 == 0 ? 1024 + (at.Item / 4 % 256) : at.Item / 4 % (34 * 512));
        bool counts = disk.Disk[change] != value && change is >= 512 and < 512 + 92 or >= 1024;
        disk.Disk[change] = value;

        List<(int Number, long Offset, long Length)> found = Places(disk.Disk, out bool isFaulty);

        Assert.All(pristine, partition => Assert.Contains((partition.Offset, partition.Length), found.Select(static place => (place.Offset, place.Length))));
        Assert.True(isFaulty || !counts, $"0x{value:X2} at 0x{change:X} was not noticed");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(199)]
    public void A_sector_that_cannot_be_read_is_a_fault_and_the_other_table_is_read(int sector)
    {
        byte[] disk = new TableWriter(200).Mbr(0, 0, 0xEE, 1, 199).Gpt((WindowsData, 50, 59, "")).Disk;
        ImageFault lost = new(ImageFaultKind.Missing, "Extent", "", sector, "lost");
        using ConcatenatedSource source = new([
            new MemorySource(disk.AsMemory(0, sector * 512)), new UnreadableSource(512, lost), new MemorySource(disk.AsMemory((sector + 1) * 512))]);

        PartitionMap map = PartitionMap.Read(source, static _ => false);

        Assert.Equal([50 * 512L], map.Partitions.Select(p => p.Offset));
        Assert.Equal(sector != 199, map.Faults.Contains(lost));
    }

    [Fact]
    public void A_beginning_that_cannot_be_read_is_reported_once_though_tables_are_sought_at_several_places()
    {
        byte[] disk = new TableWriter(200).Mbr(0, 0, 0xEE, 1, 199).Gpt((WindowsData, 50, 59, "")).Disk;
        Containers.MemoryFiles files = new() { ["here.vmdk"] = disk[(32 * 512)..] };
        byte[] descriptor = Encoding.UTF8.GetBytes(
            "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\nRW 32 FLAT \"gone.vmdk\" 0\nRW 168 FLAT \"here.vmdk\" 0\n");

        using DiskImage image = DiskImage.Open(new MemorySource(descriptor), files);

        Assert.Equal((ImageFaultKind.Missing, "Extent.FileName"), (Assert.Single(image.Faults).Kind, image.Faults[0].Field));
        Assert.Equal([50 * 512L], image.Volumes.Select(static volume => volume.Partition.Offset));
    }

    [Fact]
    public void A_last_sector_that_cannot_be_read_does_not_end_the_reading()
    {
        byte[] disk = new TableWriter(200).Mbr(0, 0, 0xEE, 1, 199).Gpt((WindowsData, 50, 59, "")).Disk;
        disk[512] = 0;
        ImageFault lost = new(ImageFaultKind.Missing, "Extent", "", 199, "lost");
        using ConcatenatedSource source = new([new MemorySource(disk.AsMemory(0, 199 * 512)), new UnreadableSource(512, lost)]);

        Assert.Contains(lost, PartitionMap.Read(source, static _ => false).Faults);
    }

    [Theory]
    [InlineData(0x01, 0xEE, 1)]
    [InlineData(0x00, 0xEE, 0)]
    [InlineData(0x00, 0x07, 0)]
    public void A_GPT_is_found_behind_any_first_sector_even_one_that_holds_a_file_system(byte status, byte type, uint start)
    {
        TableWriter disk = new TableWriter(200).Mbr(0, 0, type, start, 199, status).Gpt((WindowsData, 50, 59, ""));

        PartitionMap map = Read(disk, fileSystemAt: 0);

        Assert.Equal(("GPT", 50 * 512L), (map.Scheme, map.Partitions[0].Offset));
        Assert.Contains(map.Partitions, static partition => partition is { Number: 0, Offset: 0 });
    }

    [Fact]
    public void An_entry_that_is_none_is_left_out_and_the_others_are_read()
    {
        PartitionMap map = Read(new TableWriter(100).Mbr(0, 0, 0x07, 10, 20).Mbr(0, 1, 0x07, 40, 20, status: 0x13).Mbr(0, 2, 0x07, 0, 20));

        Assert.Equal([1], map.Partitions.Select(p => p.Number));
        Assert.Equal(
            [(ImageFaultKind.InvalidValue, "Status", 0x1CEL), (ImageFaultKind.InvalidValue, "Status", 0x1DEL)],
            map.Faults.Select(static fault => (fault.Kind, fault.Field, fault.Offset)));
    }

    [Fact]
    public void An_odd_entry_at_which_a_file_system_begins_is_a_partition()
        => Assert.Equal([2], Read(new TableWriter(100).Mbr(0, 1, 0x07, 40, 20, status: 0x13), fileSystemAt: 40 * 512).Partitions.Select(p => p.Number));

    [Fact]
    public void Where_file_systems_begin_in_both_units_of_addresses_both_are_taken()
    {
        TableWriter disk = new TableWriter(1000).Mbr(0, 0, 0x07, 10, 20);

        PartitionMap map = PartitionMap.Read(new MemorySource(disk.Disk), static offset => offset is 10 * 512 or 10 * 4096);

        Assert.Equal([(1, 10 * 512L), (2, 10 * 4096L)], map.Partitions.Select(p => (p.Number, p.Offset)));
    }

    private static PartitionMap Read(TableWriter disk, long fileSystemAt = -1)
        => PartitionMap.Read(new MemorySource(disk.Disk), offset => offset == fileSystemAt);

    /// <summary>Opens a disk: where its volumes are, each of which must lie on the disk, and whether anything is said to be wrong.</summary>
    private static List<(int Number, long Offset, long Length)> Places(byte[] disk, out bool isFaulty)
    {
        using DiskImage image = DiskImage.Open(new MemorySource(disk), Containers.MemoryFiles.None);
        isFaulty = image.Faults.Count > 0 || image.Volumes.Any(static volume => volume.Fault is not null);
        Assert.All(image.Volumes, volume => Assert.InRange(volume.Partition.Offset, 0, disk.Length - 1));
        Assert.All(image.Volumes, volume => Assert.InRange(volume.Partition.Length, 1, disk.Length - volume.Partition.Offset));
        return [.. image.Volumes.Select(static volume => (volume.Partition.Number, volume.Partition.Offset, volume.Partition.Length))];
    }

    private static IEnumerable<(int Number, long Offset, long Length, string Type)> Facts(PartitionMap map)
        => map.Partitions.Select(p => (p.Number, p.Offset, p.Length, p.Type));

    private static (ImageFaultKind Kind, string Structure, long Offset) Fault(PartitionMap map)
    {
        ImageFault fault = Assert.Single(map.Faults);
        return (fault.Kind, fault.Structure, fault.Offset);
    }
}
