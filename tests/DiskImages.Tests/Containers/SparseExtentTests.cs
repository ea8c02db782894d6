using System.Buffers.Binary;
using FsCheck;
using FsCheck.Xunit;
using Symantec.Virtualization.DiskImages.Containers.Vmdk;

namespace Symantec.Virtualization.DiskImages.Tests.Containers;

public class SparseExtentTests
{
    /// <summary>Field, offset, new bytes, and what the fault must say.</summary>
    public static TheoryData<string, int, string, ImageFaultKind, string> BrokenHeaders => new()
    {
        { "another magic number", 0x00, "4B444D57", ImageFaultKind.InvalidValue, "Magic" },
        { "a version of the future", 0x04, "04000000", ImageFaultKind.Unsupported, "Version" },
        { "version zero", 0x04, "00000000", ImageFaultKind.Unsupported, "Version" },
        { "a capacity whose bytes cannot be counted", 0x0C, "00000000000000FF", ImageFaultKind.InvalidValue, "Capacity" },
        { "a grain that is no power of two", 0x14, "0900000000000000", ImageFaultKind.InvalidValue, "GrainSize" },
        { "a grain below 8 sectors", 0x14, "0400000000000000", ImageFaultKind.InvalidValue, "GrainSize" },
        { "a grain above 2 MiB", 0x14, "0020000000000000", ImageFaultKind.InvalidValue, "GrainSize" },
        { "tables without entries", 0x2C, "00000000", ImageFaultKind.LimitExceeded, "NumGTEsPerGT" },
        { "tables too large to keep", 0x2C, "00000100", ImageFaultKind.LimitExceeded, "NumGTEsPerGT" },
        { "an unknown compression", 0x08, "010003000000000000000000", ImageFaultKind.Unsupported, "CompressAlgorithm" },
    };

    [Theory]
    [MemberData(nameof(BrokenHeaders))]
    public void Parse_names_the_broken_field(string because, int at, string hex, ImageFaultKind kind, string field)
    {
        byte[] header = new VmdkWriter().Write(new byte[8192])[..SparseHeader.Size];
        Convert.FromHexString(hex).CopyTo(header, at);

        ImageFault fault = Reading.Faults(() => SparseHeader.Parse(header, 0x1000));

        Assert.Equal((kind, "SparseExtentHeader", field), (fault.Kind, fault.Structure, fault.Field));
        Assert.Equal(0x1000 + (field == "CompressAlgorithm" ? 0x4D : at), fault.Offset);
        Assert.False(string.IsNullOrEmpty(because));
    }

    [Property(MaxTest = 300)]
    public void Whatever_shape_it_is_written_in_a_disk_reads_back(
        DoNotSize<int> seed, DoNotSize<ushort> size, bool markZeros, bool compress, bool markers, bool footer, byte order, byte grain, byte entries)
    {
        byte[] disk = Content(seed.Item, (1 + (size.Item % 400)) * 512);
        VmdkWriter writer = new()
        {
            GrainSectors = 8u << (grain % 3),
            TableEntries = 1u + (entries % 20u),
            MarkZeros = markZeros,
            Compress = compress,
            Markers = markers,
            Footer = footer,
            OrderSeed = order,
        };

        using SparseExtent extent = Open(writer.Write(disk));

        Assert.Equal(disk, extent.ToArray());
        Assert.Equal(disk, extent.ToArray(1 + (seed.Item & 0xFFF)));
        Assert.Equal(disk, extent.ToArrayByRuns());
    }

    [Fact]
    public void A_grain_that_wants_a_dictionary_is_a_fault_that_names_the_grain()
    {
        byte[] image = new VmdkWriter { Compress = true }.Write(Content(1, 4096));
        int grain = 64 * VmdkWriter.Sector;
        (image[grain + 12], image[grain + 13]) = (0x78, 0xBB);
        using SparseExtent extent = Open(image);

        ImageFault fault = Reading.Faults(() => extent.ToArray());

        Assert.Equal((ImageFaultKind.Mismatch, "CompressedGrain", (long)grain), (fault.Kind, fault.Structure, fault.Offset));
    }

    [Property(MaxTest = 300)]
    public void An_image_that_was_cut_off_is_a_fault_or_reads_alike(DoNotSize<int> seed, DoNotSize<ushort> size, bool compress, bool footer, DoNotSize<uint> cut)
    {
        byte[] disk = Content(seed.Item, (1 + (size.Item % 100)) * 512);
        byte[] image = new VmdkWriter { Compress = compress, Footer = footer }.Write(disk);
        byte[] prefix = image[..(int)(cut.Item % (uint)image.Length)];
        try
        {
            using SparseExtent extent = Open(prefix);
            Assert.Equal(disk, extent.ToArray());
        }
        catch (ImageFormatException e)
        {
            Assert.Contains(e.Fault.Kind, new[] { ImageFaultKind.Truncated, ImageFaultKind.Mismatch, ImageFaultKind.InvalidValue });
        }
    }

    [Property(MaxTest = 300)]
    public void A_changed_byte_is_a_fault_or_changes_what_is_read_and_nothing_worse(
        DoNotSize<int> seed, DoNotSize<ushort> size, bool markZeros, bool compress, bool footer, DoNotSize<uint> at, byte value)
    {
        byte[] image = new VmdkWriter { Compress = compress, Footer = footer, MarkZeros = markZeros }.Write(Content(seed.Item, (1 + (size.Item % 100)) * 512));
        
        // Half of the changes hit the tables, which lie at the end.
        long place = at.Item % 2 == 0 ? at.Item % image.Length : image.Length - 1 - (at.Item % Math.Min(6000, image.Length));
        image[place] = value;
        try
        {
            using SparseExtent extent = Open(image);
            byte[] window = new byte[1 << 16];
            for (long offset = 0; offset < Math.Min(extent.Length, 16 << 20); offset += window.Length)
            {
                extent.Read(offset, window);
            }
        }
        catch (ImageFormatException e)
        {
            Assert.NotEmpty(e.Fault.Structure);
        }
    }

    [Fact]
    public void A_huge_capacity_costs_no_memory_before_it_is_read()
    {
        // 64 TiB need a directory of 8 MiB, which a file of 1 MiB cannot hold: nothing is allocated for it.
        byte[] image = new VmdkWriter { GrainSectors = 128 }.Write(new byte[1 << 20]);
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(0x0C), (64ul << 40) / 512);

        ImageFault fault = Reading.Faults(() => Open(image));

        Assert.Equal((ImageFaultKind.Truncated, "GrainDirectory"), (fault.Kind, fault.Structure));
    }

    [Fact]
    public void A_grain_behind_the_end_of_the_file_is_a_fault_and_not_zeros()
    {
        byte[] disk = Content(1, 8 * 512);
        byte[] image = new VmdkWriter().Write(disk);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(FindEntry(image, 64)), 0x00FFFFFF);

        using SparseExtent extent = Open(image);
        ImageFault fault = Reading.Faults(() => extent.ToArray());

        Assert.Equal((ImageFaultKind.Truncated, "Grain", 0x00FFFFFFL * 512), (fault.Kind, fault.Structure, fault.Offset));
    }

    [Fact]
    public void A_compressed_grain_of_another_place_is_a_fault()
    {
        byte[] image = new VmdkWriter { Compress = true }.Write(Content(1, 16 * 512));
        image[64 * 512] ^= 1;

        using SparseExtent extent = Open(image);
        ImageFault fault = Reading.Faults(() => extent.ToArray());

        Assert.Equal((ImageFaultKind.Mismatch, "Marker", "Value", 64L * 512), (fault.Kind, fault.Structure, fault.Field, fault.Offset));
    }

    [Fact]
    public void A_compressed_grain_whose_checksum_is_wrong_is_a_fault()
    {
        byte[] disk = Content(1, 8 * 512);
        byte[] image = new VmdkWriter { Compress = true }.Write(disk);
        int size = BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan((64 * 512) + 8));
        image[(64 * 512) + 12 + size - 1] ^= 1;

        using SparseExtent extent = Open(image);
        ImageFault fault = Reading.Faults(() => extent.ToArray());

        Assert.Equal((ImageFaultKind.Mismatch, "CompressedGrain"), (fault.Kind, fault.Structure));
    }

    [Fact]
    public void A_footer_that_leads_to_a_footer_is_a_loop()
    {
        byte[] image = new VmdkWriter { Compress = true, Footer = true }.Write(new byte[8192]);
        image.AsSpan(image.Length - 1024 + 0x38, 8).Fill(0xFF);

        Assert.Equal(ImageFaultKind.Loop, Reading.Faults(() => Open(image)).Kind);
    }

    [Fact]
    public void An_entry_of_1_is_a_place_in_the_file_where_the_header_does_not_say_otherwise()
    {
        byte[] image = new VmdkWriter { MarkZeros = true }.Write([.. new byte[8 * 512], .. Content(1, 8 * 512)]);
        image[0x08] &= unchecked((byte)~4);

        using SparseExtent extent = Open(image);

        Assert.True(extent.RunAt(0).IsStored);
        Assert.Equal(image.AsSpan(512, 4096).ToArray(), extent.ToArray()[..4096]);
    }

    [Fact]
    public void Threads_that_read_at_once_read_the_same()
    {
        byte[] disk = Content(79, 4 << 20);
        using SparseExtent extent = Open(new VmdkWriter { GrainSectors = 128, Compress = true, OrderSeed = 3 }.Write(disk));

        Parallel.For(0, 64, i =>
        {
            byte[] buffer = new byte[3000 + (i * 1000)];
            int offset = i * 65_000;
            int read = extent.Read(offset, buffer);
            Assert.Equal(disk.AsSpan(offset, read).ToArray(), buffer.AsSpan(0, read).ToArray());
        });
    }

    private static SparseExtent Open(byte[] image)
    {
        MemorySource file = new(image);
        Span<byte> header = new byte[SparseHeader.Size];
        file.ReadExactly(0, header, "SparseExtentHeader");
        return new SparseExtent(file, SparseHeader.Parse(header, 0), new ExtentCaches(1 << 20));
    }

    /// <summary>Bytes with stretches of zeros among them, by a seed.</summary>
    private static byte[] Content(int seed, int size)
    {
        byte[] content = new byte[size];
        Random random = new(seed);
        for (int at = 0; at < size;)
        {
            int stretch = Math.Min(size - at, random.Next(1, 20_000));
            if (random.Next(3) > 0)
            {
                random.NextBytes(content.AsSpan(at, stretch / 2));
            }

            at += stretch;
        }

        content[0] = 1;
        return content;
    }

    private static int FindEntry(byte[] image, uint value)
    {
        // Behind the one grain, which the writer puts at sector 64, come the tables.
        for (int at = 72 * 512; at < image.Length; at += 4)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(at)) == value)
            {
                return at;
            }
        }

        throw new InvalidOperationException("The image has no such entry.");
    }
}
