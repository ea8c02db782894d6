using System.Buffers.Binary;
using Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

namespace Symantec.Virtualization.DiskImages.Tests.FileSystems.Ntfs;

/// <summary>What a volume's reader does with what it reads: a real volume, changed in one place.</summary>
public class NtfsVolumeTests
{
    private readonly byte[] _volume = [.. TinyImage.Load("ntfs").Bytes];
    private readonly List<ImageFault> _faults = [];

    [Fact]
    public void A_file_with_several_names_is_listed_once_with_all_of_them()
    {
        FileEntry file = Find("links/first.txt");

        Assert.Equal(["links/first.txt", "links/second.txt", "plain/third.txt"], file.Paths.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_belongs_to_the_file_system_is_told_from_what_only_looks_like_it()
    {
        Assert.False(Find("names/$dollar.exe").IsMetadata);
        Assert.True(Find("$MFT").IsMetadata);
        Assert.True(Find("$Extend/$ObjId").IsMetadata);
        Assert.All(Entries().SelectMany(entry => entry.Streams.Select(stream => (entry, stream))), pair =>
            Assert.Equal(pair.entry.IsMetadata, pair.stream.IsMetadata));
    }

    [Fact]
    public void Holes_are_known_without_reading()
    {
        using ByteSource content = Find("sparse/all-hole.bin").Streams[0].Open();

        Assert.Equal(new ByteRun(IsStored: false, 300_000), content.RunAt(0));
        Assert.Equal(0, Find("sparse/all-hole.bin").Streams[0].StoredLength);
    }

    [Fact]
    public void A_file_whose_runs_fill_several_records_is_read_through_all_of_them()
    {
        using ByteSource content = Find("pieces/comb.bin").Streams[0].Open();
        byte[] bytes = content.ToArray();

        for (int i = 1; i <= 600; i++)
        {
            Assert.Equal($"{i:D512}", System.Text.Encoding.ASCII.GetString(bytes, i * 1024, 512));
        }
    }

    [Fact]
    public void A_file_in_a_folder_that_was_used_anew_is_an_orphan_and_is_still_listed()
    {
        ChangeRecord("plain/nested", record => record[0x10]++);

        Assert.Contains(Entries().SelectMany(entry => entry.Paths), path => path.StartsWith("$Orphan/", StringComparison.Ordinal) && path.EndsWith("/clusters.txt", StringComparison.Ordinal));
        Assert.Empty(_faults);
    }

    [Fact]
    public void Folders_that_contain_each_other_do_not_hang_the_listing()
    {
        ulong deeper = Find("plain/nested/deeper").Id;
        ChangeRecord("plain/nested", record => ReplaceParent(record, deeper));

        string path = Assert.Single(Entries().SelectMany(entry => entry.Paths), path => path.EndsWith("/noise.bin", StringComparison.Ordinal) && path.Contains("deeper", StringComparison.Ordinal));
        Assert.StartsWith("$Orphan/", path, StringComparison.Ordinal);
    }

    [Fact]
    public void A_torn_record_is_a_fault_and_its_file_is_still_read()
    {
        ChangeRecord("plain/resident.txt", record => record[510] ^= 0xFF);

        Assert.Contains(Entries(), entry => entry.Paths[0] == "plain/resident.txt");
        Assert.Equal((ImageFaultKind.Mismatch, "FileRecord"), (Assert.Single(_faults).Kind, _faults[0].Structure));
    }

    [Theory]
    [InlineData("BAAD")]
    [InlineData("WHAT")]
    public void A_record_in_use_that_is_no_record_is_a_fault_and_the_rest_is_read(string mark)
    {
        int before = Entries().Count;
        ChangeRecord("plain/resident.txt", record => System.Text.Encoding.ASCII.GetBytes(mark).CopyTo(record, 0));

        Assert.Equal(before - 1, Entries().Count);
        Assert.Equal((ImageFaultKind.InvalidValue, "Signature"), (Assert.Single(_faults).Kind, _faults[0].Field));
    }

    [Fact]
    public void An_encrypted_stream_says_so_and_is_not_read_as_if_its_bytes_were_its_content()
    {
        ChangeRecord("plain/nested/deeper/noise.bin", record =>
        {
            int at = FindAttribute(record, FileRecord.Parse([.. record], 0), AttributeType.Data);
            BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(at + 0x0C), 0x4000);
        });

        DataStream stream = Find("plain/nested/deeper/noise.bin").Streams[0];

        Assert.Equal(ImageFaultKind.Unsupported, stream.Fault!.Kind);
        Assert.Contains("encrypted", stream.Fault.Detail, StringComparison.Ordinal);
        Assert.Equal(stream.Fault, Reading.Faults(() => stream.Open()));
    }

    [Fact]
    public void Bytes_that_were_never_written_read_as_zeros_whatever_lies_in_their_clusters()
    {
        ChangeRecord("plain/nested/deeper/noise.bin", record =>
        {
            int at = FindAttribute(record, FileRecord.Parse([.. record], 0), AttributeType.Data);
            BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(at + 0x38), 1000);
        });

        using ByteSource content = Find("plain/nested/deeper/noise.bin").Streams[0].Open();
        byte[] bytes = content.ToArray();

        Assert.True(bytes.AsSpan(0, 1000).ContainsAnyExcept((byte)0));
        Assert.False(bytes.AsSpan(1000).ContainsAnyExcept((byte)0));
        Assert.Equal(new ByteRun(IsStored: false, bytes.Length - 1000), content.RunAt(1000));
    }

    [Fact]
    public void A_run_that_leaves_the_volume_costs_its_file_and_no_other()
    {
        ChangeRecord("plain/nested/deeper/noise.bin", record =>
        {
            int at = FindAttribute(record, FileRecord.Parse([.. record], 0), AttributeType.Data);
            int pairs = at + BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(at + 0x20));
            record[pairs + 3] = 0x7F;
        });

        List<FileEntry> damaged = [.. Entries().Where(entry => entry.Streams.Any(stream => stream.Fault is not null))];

        Assert.Equal("plain/nested/deeper/noise.bin", Assert.Single(damaged).Paths[0]);
        Assert.Equal("MappingPairs", damaged[0].Streams[0].Fault!.Structure);
    }

    [Fact]
    public void A_name_with_a_separator_in_it_stays_one_name()
    {
        ChangeRecord("plain/resident.txt", record =>
        {
            int at = record.AsSpan().IndexOf(System.Text.Encoding.Unicode.GetBytes("resident.txt"));
            record[at] = (byte)'/';
        });

        Assert.Contains(Entries(), entry => entry.Paths[0] == @"plain/\u002Fesident.txt");
    }

    [Fact]
    public void A_table_whose_first_record_is_gone_is_a_fault()
    {
        _volume[MftOffset] = 0;

        ImageFault fault = Reading.Faults(() => Open());

        Assert.Equal((ImageFaultKind.InvalidValue, "FileRecord", "Signature", MftOffset), (fault.Kind, fault.Structure, fault.Field, fault.Offset));
    }

    [Fact]
    public void A_volume_that_was_cut_off_reports_the_missing_part_and_lists_the_rest()
    {
        int all = Entries().Count;
        using PatchedSource cut = new(new MemorySource(_volume), new Dictionary<long, byte>(), MftOffset + (80 * 1024));

        List<FileEntry> entries = [.. new NtfsFormat().Open(cut).EnumerateEntries(_faults.Add)];

        Assert.InRange(entries.Count, 10, all - 1);
        Assert.Contains((ImageFaultKind.Truncated, "DataRun"), _faults.Select(fault => (fault.Kind, fault.Structure)));
    }

    [Fact]
    public void Clusters_behind_the_end_of_the_volume_are_stored_nowhere_and_no_hole()
    {
        FileEntry whole = Find("plain/nested/deeper/noise.bin");
        long end = whole.Streams[0].FirstOffset + 4096;
        using PatchedSource cut = new(new MemorySource(_volume), new Dictionary<long, byte>(), end);
        FileSystem volume = new NtfsFormat().Open(cut);
        _faults.Clear();

        using ByteSource content = volume.EnumerateEntries(_faults.Add).First(entry => entry.Id == whole.Id).Streams[0].Open();

        Assert.True(content.RunAt(4096).IsStored);
        Assert.Equal(ImageFaultKind.Truncated, Reading.Faults(() => content.ToArrayByRuns()).Kind);
        Assert.Equal((ImageFaultKind.Truncated, "NtfsBootSector", "TotalSectors", 0x28L), FactsOf(_faults[0]));
    }

    [Fact]
    public void A_table_that_does_not_begin_at_its_beginning_is_a_fault_and_no_overflow()
    {
        ChangeRecord(0, record =>
        {
            int at = FindAttribute(record, FileRecord.Parse([.. record], 0), AttributeType.Data);
            BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(at + 0x10), 1L << 62);
            BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(at + 0x18), 0);
            record[at + BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(at + 0x20))] = 0;
        });

        using DiskImage image = DiskImage.Open(new MemorySource(_volume), Containers.MemoryFiles.None);

        Assert.Equal((ImageFaultKind.Missing, "MasterFileTable", "Data", MftOffset), FactsOf(Assert.Single(image.Volumes).Fault!));
    }

    [Fact]
    public void A_number_that_overflows_in_any_reader_is_the_volumes_fault()
    {
        DiskImageOptions options = new();
        options.FileSystems.Insert(0, new Overflowing());

        using DiskImage image = DiskImage.Open(new MemorySource(_volume), Containers.MemoryFiles.None, options);

        Assert.Equal((ImageFaultKind.InvalidValue, "Volume", "", 0L), FactsOf(Assert.Single(image.Volumes).Fault!));
    }

    private sealed class Overflowing : IFileSystemFormat
    {
        public string Name => "overflowing";

        public bool Recognizes(ByteSource volume) => true;

        public FileSystem Open(ByteSource volume) => throw new OverflowException();
    }

    private static (ImageFaultKind Kind, string Structure, string Field, long Offset) FactsOf(ImageFault fault)
        => (fault.Kind, fault.Structure, fault.Field, fault.Offset);

    private long MftOffset => BinaryPrimitives.ReadInt64LittleEndian(_volume.AsSpan(0x30)) * 512;

    private FileSystem Open() => new NtfsFormat().Open(new MemorySource(_volume));

    private List<FileEntry> Entries()
    {
        _faults.Clear();
        return [.. Open().EnumerateEntries(_faults.Add)];
    }

    private FileEntry Find(string path) => Entries().Single(entry => entry.Paths.Contains(path));

    private void ChangeRecord(string path, Action<byte[]> change) => ChangeRecord(new FileReference(Find(path).Id).Record, change);

    private void ChangeRecord(long number, Action<byte[]> change)
    {
        NtfsBootSector boot = NtfsBootSector.Parse(_volume.AsSpan(0, 512), 0);
        NtfsGeometry geometry = new(new MemorySource(_volume), boot.ClusterSize, boot.ClusterCount, boot.RecordSize);
        long origin = MasterFileTable.Open(geometry, boot.MftStart).OriginOf(number);
        byte[] record = _volume.AsSpan((int)origin, boot.RecordSize).ToArray();
        change(record);
        record.CopyTo(_volume, origin);
    }

    private static int FindAttribute(byte[] record, FileRecord header, AttributeType type)
    {
        int at = header.FirstAttribute;
        while (BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(at)) != (uint)type)
        {
            at += BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(at + 4));
        }

        return at;
    }

    private static void ReplaceParent(byte[] record, ulong parent)
    {
        int at = FindAttribute(record, FileRecord.Parse([.. record], 0), AttributeType.FileName);
        int value = at + BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(at + 0x14));
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(value), parent);
    }
}
