using System.Buffers.Binary;
using Symantec.Virtualization.DiskImages.FileSystems.Fat;

namespace Symantec.Virtualization.DiskImages.Tests.FileSystems.Fat;

/// <summary>What a volume's reader does with what it reads: a real volume, changed in one place.</summary>
public class FatVolumeTests
{
    private readonly byte[] _volume = [.. TinyImage.Load("fat16").Bytes];
    private readonly List<ImageFault> _faults = [];

    /// <summary>The chain of a file of ten clusters, broken behind its third.</summary>
    public static TheoryData<string, ushort, ImageFaultKind, string> BrokenChains => new()
    {
        { "a chain that ends too soon", 0xFFFF, ImageFaultKind.Truncated, "ends after 3 clusters" },
        { "a free cluster in the chain", 0x0000, ImageFaultKind.InvalidValue, "the mark of a free cluster" },
        { "a bad cluster in the chain", 0xFFF7, ImageFaultKind.InvalidValue, "the mark of a bad cluster" },
        { "a cluster that the volume does not have", 0xF000, ImageFaultKind.InvalidValue, "no cluster of the volume" },
        { "a cluster number that does not exist", 0x0001, ImageFaultKind.InvalidValue, "no cluster of the volume" },
    };

    [Theory]
    [MemberData(nameof(BrokenChains))]
    public void A_broken_chain_is_a_fault_of_its_file_and_never_zeros(string because, ushort next, ImageFaultKind kind, string words)
    {
        ushort third = (ushort)(FirstCluster("folder/below/noise.bin") + 2);
        SetEntry(third, next);

        ImageFault fault = Reading.Faults(() => Find("folder/below/noise.bin").Streams[0].Open());

        Assert.Equal((kind, "ClusterChain", (long)EntryOffset(third)), (fault.Kind, fault.Structure, fault.Offset));
        Assert.Contains(words, fault.Detail, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(because));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_chain_that_comes_back_to_itself_is_a_loop(int backTo)
    {
        ushort first = FirstCluster("folder/below/noise.bin");
        SetEntry((ushort)(first + 2), (ushort)(first + backTo));

        Assert.Equal(ImageFaultKind.Loop, Reading.Faults(() => Find("folder/below/noise.bin").Streams[0].Open()).Kind);
    }

    [Fact]
    public void A_chain_in_any_order_reads_in_its_own()
    {
        byte[] before = Content("folder/below/noise.bin");
        ushort first = FirstCluster("folder/below/noise.bin");

        // Swap the second cluster with the fourth, in the table and on the volume.
        SetEntry(first, (ushort)(first + 3));
        SetEntry((ushort)(first + 3), (ushort)(first + 2));
        SetEntry((ushort)(first + 2), (ushort)(first + 1));
        SetEntry((ushort)(first + 1), (ushort)(first + 4));
        Swap(ClusterOffset((ushort)(first + 1)), ClusterOffset((ushort)(first + 3)));

        Assert.Equal(before, Content("folder/below/noise.bin"));
        using ByteSource content = Find("folder/below/noise.bin").Streams[0].Open();
        Assert.Equal(before, content.ToArray(step: 300));
        Assert.Equal(before, content.ToArrayByRuns());
    }

    [Fact]
    public void A_folder_that_contains_itself_is_entered_once()
    {
        int entry = EntryOf("BELOW   ", 0x10);
        SetFirstCluster(entry, FirstCluster("folder"));

        Assert.Contains(Entries(), found => found.Paths[0] == "folder/below");
        Assert.Equal((ImageFaultKind.Loop, "DirectoryEntry", "FirstCluster", (long)entry), (Assert.Single(_faults).Kind, _faults[0].Structure, _faults[0].Field, _faults[0].Offset));
    }

    [Fact]
    public void A_folder_that_begins_nowhere_is_a_fault_and_the_rest_is_listed()
    {
        int all = Entries().Count;
        SetFirstCluster(EntryOf("BELOW   ", 0x10), 0);

        Assert.Equal(all - 1, Entries().Count);
        Assert.Equal((ImageFaultKind.InvalidValue, "FirstCluster"), (Assert.Single(_faults).Kind, _faults[0].Field));
    }

    [Fact]
    public void A_file_with_a_size_and_no_cluster_is_a_fault()
    {
        SetFirstCluster(EntryOf("SHORT   TXT", 0x20), 0);

        Assert.Equal((ImageFaultKind.InvalidValue, "DirectoryEntry"), KindOf(() => Find("SHORT.TXT").Streams[0].Open()));
    }

    [Fact]
    public void The_chain_of_a_folder_that_loops_is_read_once()
    {
        ushort first = FirstCluster("Long folder name");
        SetEntry(first, first);

        List<FileEntry> entries = Entries();

        Assert.Equal(entries.Count, entries.DistinctBy(entry => entry.Id).Count());
        Assert.Equal((ImageFaultKind.Loop, "ClusterChain"), (Assert.Single(_faults).Kind, _faults[0].Structure));
    }

    [Fact]
    public void Clusters_behind_the_end_of_the_volume_are_stored_nowhere_and_no_hole()
    {
        int end = ClusterOffset((ushort)(FirstCluster("folder/below/noise.bin") + 2));
        FileSystem volume = new FatFormat().Open(new MemorySource(_volume.AsMemory(0, end)));
        _faults.Clear();

        using ByteSource content = volume.EnumerateEntries(_faults.Add).First(entry => entry.Paths[0] == "folder/below/noise.bin").Streams[0].Open();

        Assert.True(content.RunAt(2 * Boot.ClusterSize).IsStored);
        Assert.Equal(ImageFaultKind.Truncated, Reading.Faults(() => content.ToArrayByRuns()).Kind);
        Assert.Equal((ImageFaultKind.Truncated, "FatBootSector", 0x20L), (_faults[0].Kind, _faults[0].Structure, _faults[0].Offset));
    }

    [Fact]
    public void A_volume_that_names_itself_NTFS_and_is_divided_as_FAT_is_read_as_FAT_and_is_a_fault()
    {
        "NTFS    "u8.CopyTo(_volume.AsSpan(0x03));
        using DiskImage image = DiskImage.Open(new MemorySource(_volume), Containers.MemoryFiles.None);
        FileSystem volume = Assert.Single(image.Volumes).FileSystem!;

        Assert.Equal(TinyImage.Load("fat16").Contents, TinyImage.ReadAll(volume, _faults.Add));
        Assert.Equal(("FAT16", ImageFaultKind.Mismatch, "OemId", 3L), (volume.Name, Assert.Single(_faults).Kind, _faults[0].Field, _faults[0].Offset));
    }

    [Fact]
    public void A_file_that_EFS_encrypted_has_a_stream_that_says_so_and_does_not_open()
    {
        int entry = EntryOf("SHORT   TXT", 0x20);
        _volume[entry + 0x0C] |= 0x01;

        DataStream stream = Find("SHORT.TXT").Streams[0];

        Assert.Equal(
            (ImageFaultKind.Unsupported, "DirectoryEntry", "NTRes", entry + 0x0CL),
            (stream.Fault!.Kind, stream.Fault.Structure, stream.Fault.Field, stream.Fault.Offset));
        Assert.Equal(stream.Fault, Reading.Faults(() => stream.Open()));
        Assert.Empty(_faults);
    }

    [Theory]
    [InlineData("folder/a rather long name.text", 0)]
    [InlineData("folder/a rather long name.text", 3)]
    [InlineData("folder/below/noise.bin", 5)]
    public void Files_that_share_clusters_are_one_fault_and_are_all_listed(string other, int at)
    {
        List<string> paths = [.. Entries().Select(static entry => entry.Paths[0])];
        Assert.Empty(_faults);
        ushort shared = (ushort)(FirstCluster(other) + at);
        int late = (int)Find("SHORT.TXT").Id;
        int later = (int)Find("lower.txt").Id;
        SetFirstCluster(late, shared);
        SetFirstCluster(later, shared);

        Assert.Equal(paths, Entries().Select(static entry => entry.Paths[0]));
        ImageFault fault = Assert.Single(_faults);
        Assert.Equal((ImageFaultKind.Mismatch, "ClusterChain", (long)EntryOffset(shared)), (fault.Kind, fault.Structure, fault.Offset));
        Assert.Matches($"^cluster {shared} of \".+\" belongs to another file", fault.Detail);
        Assert.Equal(100, Content("SHORT.TXT").Length);
    }

    [Fact]
    public void A_file_that_lies_in_the_clusters_of_a_folder_is_a_fault()
    {
        ushort shared = FirstCluster("folder/below");
        SetFirstCluster(EntryOf("SHORT   TXT", 0x20), shared);

        Assert.NotEmpty(Entries());
        Assert.Equal((ImageFaultKind.Mismatch, (long)EntryOffset(shared)), (Assert.Single(_faults).Kind, _faults[0].Offset));
    }

    [Fact]
    public void A_file_whose_chain_comes_back_to_itself_shares_with_nobody()
    {
        ushort first = FirstCluster("folder/below/noise.bin");
        SetEntry((ushort)(first + 9), (ushort)(first + 4));

        Assert.NotEmpty(Entries());
        Assert.Empty(_faults);
    }

    [Fact]
    public void A_deleted_file_is_not_listed() => Assert.DoesNotContain(Entries(), entry => entry.Paths[0].EndsWith("ONE.TXT", StringComparison.Ordinal));

    private static (ImageFaultKind Kind, string Structure) KindOf(Action action)
    {
        ImageFault fault = Reading.Faults(action);
        return (fault.Kind, fault.Structure);
    }

    private FatBootSector Boot => FatBootSector.Parse(_volume, 0);

    private List<FileEntry> Entries()
    {
        _faults.Clear();
        return [.. new FatFormat().Open(new MemorySource(_volume)).EnumerateEntries(_faults.Add)];
    }

    private FileEntry Find(string path) => Entries().Single(entry => entry.Paths[0] == path);

    private byte[] Content(string path)
    {
        using ByteSource content = Find(path).Streams[0].Open();
        return content.ToArray();
    }

    private ushort FirstCluster(string path)
        => BinaryPrimitives.ReadUInt16LittleEndian(_volume.AsSpan((int)Find(path).Id + 0x1A));

    private void SetFirstCluster(int entry, ushort cluster) => BinaryPrimitives.WriteUInt16LittleEndian(_volume.AsSpan(entry + 0x1A), cluster);

    private int EntryOf(string shortName, byte attributes)
    {
        byte[] name = System.Text.Encoding.ASCII.GetBytes(shortName.PadRight(11));
        return (int)Entries().Single(entry => _volume.AsSpan((int)entry.Id, 11).SequenceEqual(name) && _volume[(int)entry.Id + 11] == attributes).Id;
    }

    private int EntryOffset(ushort cluster) => (int)Boot.FatOffset + (cluster * 2);

    private int ClusterOffset(ushort cluster) => (int)Boot.DataOffset + ((cluster - 2) * Boot.ClusterSize);

    private void SetEntry(ushort cluster, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_volume.AsSpan(EntryOffset(cluster)), value);

    private void Swap(int a, int b)
    {
        byte[] kept = _volume.AsSpan(a, Boot.ClusterSize).ToArray();
        _volume.AsSpan(b, Boot.ClusterSize).CopyTo(_volume.AsSpan(a));
        kept.CopyTo(_volume, b);
    }
}
