using System.Text;
using Symantec.Virtualization.DiskImages.Containers.Vmdk;

namespace Symantec.Virtualization.DiskImages.Tests.Containers;

public class VmdkFormatTests
{
    private const string Head = "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\n";

    private readonly MemoryFiles _files = new();

    [Fact]
    public void Extents_of_all_kinds_are_joined_in_their_order()
    {
        byte[] flat = Filled(3 * 512, 0xA1);
        byte[] sparse = Filled(16 * 512, 0xB2);
        _files["flat.vmdk"] = [.. new byte[512], .. flat];
        _files["sparse.vmdk"] = new VmdkWriter().Write(sparse);

        using VirtualDisk disk = OpenDescriptor("RW 3 FLAT \"flat.vmdk\" 1\nRW 5 ZERO\nRW 16 SPARSE \"sparse.vmdk\"\n");

        Assert.Equal([.. flat, .. new byte[5 * 512], .. sparse], disk.Content.ToArray());
        Assert.Empty(disk.Faults);
    }

    [Fact]
    public void A_missing_extent_leaves_the_others_readable_and_is_never_zeros()
    {
        _files["here.vmdk"] = Filled(512, 0x11);

        using VirtualDisk disk = OpenDescriptor("RW 1 FLAT \"here.vmdk\" 0\nRW 1 FLAT \"gone.vmdk\" 0\n");

        ImageFault fault = Assert.Single(disk.Faults);
        Assert.Equal((ImageFaultKind.Missing, "Extent.FileName"), (fault.Kind, fault.Field));
        Assert.Equal(Filled(512, 0x11), disk.Content.Slice(0, 512).ToArray());
        Assert.Equal(fault, Reading.Faults(() => disk.Content.Slice(512, 512).ToArray()));
    }

    [Fact]
    public void An_extent_that_the_host_forbids_is_a_gap_and_a_fault()
    {
        _files["here.vmdk"] = Filled(512, 0x11);
        _files.Forbidden = "secret.vmdk";

        using VirtualDisk disk = OpenDescriptor("RW 1 FLAT \"here.vmdk\" 0\nRW 1 FLAT \"secret.vmdk\" 0\n");

        Assert.Equal((ImageFaultKind.Missing, "Extent.FileName"), (Assert.Single(disk.Faults).Kind, disk.Faults[0].Field));
        Assert.Equal(disk.Faults[0], Reading.Faults(() => disk.Content.ToArray()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_disk_of_two_thousand_extents_keeps_no_more_than_one_of_few(bool compress)
    {
        _files["x.vmdk"] = new VmdkWriter { Compress = compress, GrainSectors = 128 }.Write(Filled(1 << 20, 0x55));
        using VirtualDisk disk = OpenDescriptor(string.Concat(Enumerable.Repeat("RW 2048 SPARSE \"x.vmdk\"\n", 2000)));
        byte[] some = new byte[100];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (long at = 0; at < disk.Content.Length; at += 64 << 10)
        {
            disk.Content.ReadExactly(at, some, "test");
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 100 << 20);
    }

    [Fact]
    public void A_flat_extent_that_is_too_short_is_read_up_to_its_end()
    {
        _files["short.vmdk"] = Filled(700, 0x22);

        using VirtualDisk disk = OpenDescriptor("RW 2 FLAT \"short.vmdk\" 0\n");

        Assert.Equal((ImageFaultKind.Truncated, "short.vmdk"), (Assert.Single(disk.Faults).Kind, disk.Faults[0].File));
        Assert.Equal(Filled(700, 0x22), disk.Content.Slice(0, 700).ToArray());
        Assert.Equal(ImageFaultKind.Truncated, Reading.Faults(() => disk.Content.ToArray()).Kind);
    }

    [Fact]
    public void A_flat_extent_is_taken_as_it_is_even_if_it_looks_like_another_container()
    {
        byte[] payload = new VmdkWriter().Write(Filled(4096, 0x33));
        _files["flat.vmdk"] = payload;

        using VirtualDisk disk = OpenDescriptor($"RW {payload.Length / 512} FLAT \"flat.vmdk\" 0\n");

        Assert.Equal(payload, disk.Content.ToArray());
    }

    [Theory]
    [InlineData("RW 1 FLAT \"gone.vmdk\" 0\n", ImageFaultKind.Missing)]
    [InlineData("RW 1 SESPARSE \"a.vmdk\"\n", ImageFaultKind.Unsupported)]
    [InlineData("NOACCESS 1 FLAT \"a.vmdk\" 0\n", ImageFaultKind.Unsupported)]
    [InlineData("RW 9007199254740991 ZERO\nRW 18014398509481983 ZERO\n", ImageFaultKind.InvalidValue)]
    [InlineData("", ImageFaultKind.InvalidValue)]
    public void A_disk_of_which_no_extent_can_be_opened_does_not_open(string extents, ImageFaultKind kind)
        => Assert.Equal(kind, Reading.Faults(() => OpenDescriptor(extents).Dispose()).Kind);

    [Fact]
    public void A_fault_in_an_extent_names_the_extents_file()
    {
        byte[] broken = new VmdkWriter().Write(new byte[4096]);
        broken[0x14] = 9;
        _files["s001.vmdk"] = broken;
        _files["s002.vmdk"] = new VmdkWriter().Write(new byte[4096]);

        using VirtualDisk disk = OpenDescriptor("RW 8 SPARSE \"s001.vmdk\"\nRW 8 SPARSE \"s002.vmdk\"\n");

        Assert.Equal("SparseExtentHeader.GrainSize at 0x14 of s001.vmdk: 9 sectors is not a power of two from 8 to 4096", Assert.Single(disk.Faults).ToString());
    }

    [Fact]
    public void A_single_file_is_read_after_it_was_renamed()
    {
        byte[] content = Filled(4096, 0x44);
        byte[] image = new VmdkWriter { Descriptor = Head + "createType=\"monolithicSparse\"\nRW 8 SPARSE \"old-name.vmdk\"\n" }.Write(content);

        using VirtualDisk disk = Open(image);

        Assert.Equal("monolithicSparse", disk.Variant);
        Assert.Equal(content, disk.Content.ToArray());
    }

    [Fact]
    public void A_snapshot_is_refused_and_not_read_without_its_parent()
    {
        byte[] image = new VmdkWriter { Descriptor = Head.Replace("ffffffff", "00000001", StringComparison.Ordinal) + "parentFileNameHint=\"base.vmdk\"\n" }
            .Write(new byte[4096]);

        ImageFault fault = Reading.Faults(() => Open(image).Dispose());

        Assert.Equal((ImageFaultKind.Unsupported, "parentCID"), (fault.Kind, fault.Field));
        Assert.Contains("base.vmdk", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_embedded_descriptor_is_reported_and_the_grains_are_read()
    {
        byte[] content = Filled(4096, 0x55);

        using VirtualDisk disk = Open(new VmdkWriter { Descriptor = "no descriptor" }.Write(content));

        Assert.Equal(content, disk.Content.ToArray());
        Assert.Equal("version", Assert.Single(disk.Faults).Field);
    }

    [Theory]
    [InlineData("COWD")]
    [InlineData("\u00BE\u00BA\u00FE\u00CA")]
    public void Extents_of_ESX_are_refused_by_name(string magic)
    {
        byte[] image = [.. Encoding.Latin1.GetBytes(magic), .. new byte[4096]];

        Assert.True(new VmdkFormat().Recognizes(new MemorySource(image)));
        Assert.Equal(ImageFaultKind.Unsupported, Reading.Faults(() => Open(image).Dispose()).Kind);
    }

    private static byte[] Filled(int size, byte value) => [.. Enumerable.Repeat(value, size)];

    private VirtualDisk OpenDescriptor(string extents) => Open(Encoding.UTF8.GetBytes(Head + extents));

    private VirtualDisk Open(byte[] image)
        => new VmdkFormat().Open(new MemorySource(image), new ContainerContext { Files = _files, Options = new DiskImageOptions() });
}
