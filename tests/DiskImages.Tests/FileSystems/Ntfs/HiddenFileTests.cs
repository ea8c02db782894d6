using System.Buffers.Binary;
using Symantec.Virtualization.DiskImages.FileSystems;
using Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

namespace Symantec.Virtualization.DiskImages.Tests.FileSystems.Ntfs;

/// <summary>Single fields by which a file could be hidden from a scan while a guest still opens it: each of them is a fault, or the file is listed.</summary>
public class HiddenFileTests
{
    private const string Resident = "plain/resident.txt";
    private const string Listed = "streams/host.txt";

    private readonly NtfsEditor _volume = new();

    [Fact]
    public void A_sound_volume_has_no_faults() => Assert.Empty(_volume.Read().Faults);

    [Fact]
    public void A_record_that_says_it_continues_another_is_a_fault_unless_that_one_names_it()
    {
        long number = _volume.NumberOf(Resident);
        _volume.Change(Resident, record => record[0x20] = 0x1B);

        ImageFault fault = Assert.Single(_volume.Read().Faults);

        Assert.Equal(new ImageFault(ImageFaultKind.Mismatch, "FileRecord", "BaseFileRecord", _volume.OriginOf(number), fault.Detail), fault);
    }

    [Fact]
    public void A_file_without_any_content_is_a_fault()
    {
        _volume.Change(Resident, record => record[NtfsEditor.Find(record, AttributeType.Data)] = 0x88);

        ImageFault fault = Assert.Single(_volume.Read().Faults);

        Assert.Equal(new ImageFault(ImageFaultKind.Missing, "FileRecord", "Data", _volume.OriginOf(_volume.NumberOf(Resident)), fault.Detail), fault);
    }

    [Fact]
    public void An_end_mark_in_front_of_attributes_is_a_fault()
    {
        _volume.Change(Resident, record => record.AsSpan(NtfsEditor.Find(record, AttributeType.Data), 4).Fill(0xFF));

        Assert.Contains(
            (ImageFaultKind.Mismatch, "FileRecord", "BytesInUse", _volume.OriginOf(_volume.NumberOf(Resident)) + 0x18),
            _volume.Read().Faults.Select(static fault => (fault.Kind, fault.Structure, fault.Field, fault.Offset)));
    }

    [Fact]
    public void A_table_said_to_be_written_less_than_it_is_long_is_a_fault_and_is_read_whole()
    {
        int all = _volume.Read().Entries.Count;
        _volume.Change(0, record => BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(NtfsEditor.Find(record, AttributeType.Data) + 0x38), 64 << 10));

        (List<FileEntry> entries, List<ImageFault> faults) = _volume.Read();

        Assert.Equal(all, entries.Count);
        Assert.Equal((ImageFaultKind.Mismatch, "MasterFileTable", "InitializedSize"), (Assert.Single(faults).Kind, faults[0].Structure, faults[0].Field));
    }

    [Fact]
    public void A_table_said_to_end_before_its_bitmap_does_is_a_fault()
    {
        _volume.Change(0, record =>
        {
            int at = NtfsEditor.Find(record, AttributeType.Data);
            BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(at + 0x30), 64 << 10);
            BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(at + 0x38), 64 << 10);
        });

        Assert.Contains(
            (ImageFaultKind.Mismatch, "MasterFileTable", "Bitmap"), _volume.Read().Faults.Select(static fault => (fault.Kind, fault.Structure, fault.Field)));
    }

    [Fact]
    public void An_attribute_that_the_list_does_not_name_is_a_fault_and_is_read()
    {
        // The list's entry for the unnamed content now means an attribute that is not there.
        _volume.ChangeList(Listed, static entry => entry.Type == AttributeType.Data && entry.Name.Length == 0, static bytes => bytes[0x08] = 1);

        (List<FileEntry> entries, List<ImageFault> faults) = _volume.Read();

        Assert.Contains(entries, entry => entry.Paths[0] == Listed && entry.Streams[0] is { Name: "", Length: 50 });
        Assert.Equal(
            [(ImageFaultKind.Mismatch, "AttributeList"), (ImageFaultKind.Missing, "AttributeList")], faults.Select(static fault => (fault.Kind, fault.Structure)));
    }

    [Fact]
    public void Of_two_contents_of_one_name_both_are_there_and_the_file_is_a_fault()
    {
        // The attribute is there once more behind itself.
        _volume.Change(Resident, static record =>
        {
            int at = NtfsEditor.Find(record, AttributeType.Data);
            int length = BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(at + 4));
            int end = BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(0x18));
            record.AsSpan(at, end - at).CopyTo(record.AsSpan(at + length));
            BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(0x18), end + length);
        });

        (List<FileEntry> entries, List<ImageFault> faults) = _volume.Read();

        Assert.Equal(["", ""], entries.Single(entry => entry.Paths[0] == Resident).Streams.Select(static stream => stream.Name));
        Assert.Equal((ImageFaultKind.InvalidValue, "FileRecord", "Data"), (Assert.Single(faults).Kind, faults[0].Structure, faults[0].Field));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(20)]
    [InlineData(23)]
    public void A_file_in_a_record_that_is_set_aside_is_a_file(int number)
    {
        byte[] record = _volume.RecordOf(Resident);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(0x2C), number);
        _volume.Put(number, record);

        FileEntry file = Assert.Single(_volume.Read().Entries, entry => (entry.Id & 0xFFFF_FFFF_FFFF) == (ulong)number);

        Assert.Equal((Resident, false, false), (file.Paths[0], file.IsMetadata, Assert.Single(file.Streams).IsMetadata));
    }

    [Theory]
    [InlineData(11, 11, true)]
    [InlineData(11, 999, false)]
    public void A_link_in_the_folder_of_NTFS_does_not_make_a_users_file_internal(ushort record, ushort sequence, bool leadsThere)
    {
        _volume.Change("links/first.txt", bytes =>
        {
            int value = NtfsEditor.Find(bytes, AttributeType.FileName) + 0x18;
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(value), record | ((ulong)sequence << 48));
        });

        FileEntry file = _volume.Read().Entries.Single(entry => entry.Paths.Count == 3);

        Assert.Equal(leadsThere, file.Paths.Any(static path => path.StartsWith("$Extend/", StringComparison.Ordinal)));
        Assert.False(file.IsMetadata);
        Assert.All(file.Streams, static stream => Assert.False(stream.IsMetadata));
    }

    [Theory]
    [InlineData("$J")]
    [InlineData("$Config")]
    [InlineData("$T")]
    public void A_stream_of_an_internal_name_is_the_systems_only_in_its_own_file(string stream)
    {
        Assert.False(MetadataStreams.IsMetadata(30, ["$Extend/other"], stream));
        Assert.False(MetadataStreams.IsMetadata(30, ["$Extend/$UsnJrnl", "innocent.txt"], stream));
        Assert.True(MetadataStreams.IsMetadata(30, ["$Extend/$UsnJrnl"], "$J"));
    }

    [Fact]
    public void A_list_that_names_other_files_records_is_followed_for_a_few_of_them_only()
    {
        ulong stranger = 24;
        _volume.ChangeList(Listed, static entry => entry.Type == AttributeType.Data, bytes => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(0x10), stranger++));

        List<ImageFault> faults = _volume.Read().Faults;

        Assert.Single(faults, static fault => fault is { Kind: ImageFaultKind.LimitExceeded, Structure: "AttributeList" });
        Assert.Equal(5, faults.Count(static fault => fault.Kind is ImageFaultKind.LimitExceeded or ImageFaultKind.Mismatch && fault.Detail.Contains("belong", StringComparison.Ordinal) || fault.Field is "SegmentReference" or "Signature"));
    }

    [Fact]
    public void Only_so_many_records_are_read_to_follow_lists()
    {
        ExtensionAllowance allowance = new(recordCount: 100);

        Assert.True(allowance.TryTake(4096 + 200));
        Assert.False(allowance.TryTake(1));
    }

    [Fact]
    public void Only_the_first_faults_of_a_volume_are_told_and_the_others_are_counted()
    {
        List<ImageFault> told = [];
        FaultLimit limit = new(told.Add);
        for (int i = 0; i < FaultLimit.MaxFaults + 7; i++)
        {
            limit.Add(new ImageFault(ImageFaultKind.Mismatch, "Test", "", i, ""));
        }

        limit.Finish();

        Assert.Equal(FaultLimit.MaxFaults + 1, told.Count);
        Assert.Equal((ImageFaultKind.LimitExceeded, "Volume"), (told[^1].Kind, told[^1].Structure));
        Assert.StartsWith("7 more faults", told[^1].Detail, StringComparison.Ordinal);
    }
}
