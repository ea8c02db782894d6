using FsCheck;
using FsCheck.Xunit;
using Symantec.Virtualization.DiskImages.Tests.Containers;

namespace Symantec.Virtualization.DiskImages.Tests.FileSystems;

/// <summary>Volumes that real tools made: read whole, and read after every kind of damage.</summary>
public class TinyImageTests
{
    public static TheoryData<string, string> Volumes => new()
    {
        { "ntfs", "NTFS 3.1" },
        { "fat12", "FAT12" },
        { "fat16", "FAT16" },
        { "fat32", "FAT32" },
    };

    [Theory]
    [MemberData(nameof(Volumes))]
    public void Every_file_and_stream_is_there_and_nothing_else(string name, string kind)
    {
        TinyImage image = TinyImage.Load(name);
        using DiskImage disk = DiskImage.Open(new MemorySource(image.Bytes), MemoryFiles.None);

        FileSystem fileSystem = Assert.Single(disk.Volumes).FileSystem!;

        Assert.Equal(kind, fileSystem.Name);
        Assert.Equal("TINY", fileSystem.Label.ToUpperInvariant());
        Assert.Equal(image.Contents, TinyImage.ReadAll(fileSystem, fault => Assert.Fail(fault.ToString())));
    }

    [Theory]
    [MemberData(nameof(Volumes))]
    public void Reading_in_small_steps_and_by_runs_gives_the_same_bytes(string name, string kind)
    {
        FileSystem fileSystem = DamagedVolume.Open(new MemorySource(TinyImage.Load(name).Bytes));

        Assert.Equal(kind, fileSystem.Name);
        foreach (DataStream stream in fileSystem.EnumerateEntries(static _ => { }).SelectMany(entry => entry.Streams))
        {
            using ByteSource content = stream.Open();
            byte[] whole = content.ToArray();
            Assert.Equal(whole, content.ToArray(step: 777));
            Assert.Equal(whole, content.ToArrayByRuns());
        }
    }

    [Theory]
    [MemberData(nameof(Volumes))]
    public void The_space_in_use_is_counted(string name, string kind)
    {
        FileSystem fileSystem = DamagedVolume.Open(new MemorySource(TinyImage.Load(name).Bytes));

        long stored = fileSystem.EnumerateEntries(static _ => { }).SelectMany(entry => entry.Streams).Sum(stream => stream.StoredLength);

        Assert.Equal(kind, fileSystem.Name);
        Assert.InRange(fileSystem.CountUsedBytes()!.Value, stored / 2, TinyImage.Load(name).Bytes.Length);
    }

    [Theory]
    [MemberData(nameof(Volumes))]
    public void A_changed_byte_of_a_files_data_changes_that_files_hash_and_nothing_else(string name, string kind)
    {
        TinyImage image = TinyImage.Load(name);
        byte[] bytes = [.. image.Bytes];
        (string path, long offset) = DamagedVolume.Open(new MemorySource(bytes)).EnumerateEntries(static _ => { })
            .Where(entry => !entry.IsMetadata && entry.Paths[0].EndsWith("noise.bin", StringComparison.Ordinal))
            .Select(entry => (entry.Paths[0], entry.Streams[0].FirstOffset)).First();
        bytes[offset] ^= 0xFF;

        Dictionary<string, (long Size, string Sha256)> read = TinyImage.ReadAll(DamagedVolume.Open(new MemorySource(bytes)), fault => Assert.Fail(fault.ToString()));

        Assert.Equal([path], image.Contents.Where(content => read[content.Key] != content.Value).Select(content => content.Key));
        Assert.Equal(image.Contents.Count, read.Count);
        Assert.NotEmpty(kind);
    }

    [Theory]
    [MemberData(nameof(Volumes))]
    public void A_volume_cut_anywhere_reads_alike_or_is_a_fault(string name, string kind)
    {
        int length = TinyImage.Load(name).Bytes.Length;
        Assert.NotEmpty(kind);
        for (int i = 1; i < 120; i++)
        {
            DamagedVolume.Cut(name, (int)((long)length * i / 120 / 512 * 512));
        }
    }

    [Property(MaxTest = 400)]
    public void A_damaged_NTFS_volume_is_read_or_is_a_fault_and_nothing_worse(DoNotSize<int> seed)
        => DamagedVolume.Read("ntfs", seed.Item);

    [Property(MaxTest = 200)]
    public void A_damaged_FAT12_volume_is_read_or_is_a_fault_and_nothing_worse(DoNotSize<int> seed)
        => DamagedVolume.Read("fat12", seed.Item);

    [Property(MaxTest = 200)]
    public void A_damaged_FAT16_volume_is_read_or_is_a_fault_and_nothing_worse(DoNotSize<int> seed)
        => DamagedVolume.Read("fat16", seed.Item);

    [Property(MaxTest = 100)]
    public void A_damaged_FAT32_volume_is_read_or_is_a_fault_and_nothing_worse(DoNotSize<int> seed)
        => DamagedVolume.Read("fat32", seed.Item);
}
