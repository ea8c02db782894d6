using System.Text;
using FsCheck;
using FsCheck.Xunit;
using Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

namespace Symantec.Virtualization.DiskImages.Tests.FileSystems.Ntfs;

public class Lznt1Tests
{
    public static TheoryData<string, string, ImageFaultKind, string, int> Broken => new()
    {
        { "a chunk longer than the data", "05B000", ImageFaultKind.Truncated, "Size", 0 },
        { "a match in front of the chunk", "03B0" + "02" + "41" + "FFFF", ImageFaultKind.InvalidValue, "Displacement", 4 },
        { "a match as the first thing", "02B0" + "01" + "0000", ImageFaultKind.InvalidValue, "Displacement", 3 },
        { "half a match", "02B0" + "02" + "41" + "00", ImageFaultKind.Truncated, "CompressedWord", 4 },
    };

    [Fact]
    public void The_example_of_the_specification_decompresses()
    {
        // [MS-XCA] 3.3, "LZNT1".
        byte[] packed = Convert.FromHexString(
            "38b08846232000204720410010a24701a045204400084501507900c045200524138805b4024a44ef0358028c091601484500be009e000401189000");

        Assert.Equal("F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D E E F# D E F# G F# D E F# G F# E D E A F# F# G A A G F# E D D E F# E D D\0", Text(packed, 142));
    }

    [Fact]
    public void A_stored_chunk_is_copied_and_a_short_one_is_filled_with_zeros()
        => Assert.Equal("abc\0\0\0", Text([0x02, 0x30, (byte)'a', (byte)'b', (byte)'c'], 6));

    [Fact]
    public void A_short_chunk_ends_where_4096_bytes_do()
    {
        byte[] two = [0x00, 0x30, (byte)'a', 0x00, 0x30, (byte)'b'];
        byte[] output = new byte[8192];
        output.AsSpan().Fill(0xFF);

        Lznt1.Decompress(two, 0, output);

        Assert.Equal(((byte)'a', (byte)'b'), (output[0], output[4096]));
        Assert.Equal(8190, output.Count(static b => b == 0));
    }

    [Fact]
    public void A_chunk_header_of_zero_ends_the_data()
    {
        byte[] output = [1, 2, 3, 4];

        Lznt1.Decompress([0x00, 0x30, (byte)'a', 0, 0, 0x00, 0x30, (byte)'b'], 0, output);

        Assert.Equal([(byte)'a', 0, 0, 0], output);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_chunk_names_its_place(string because, string hex, ImageFaultKind kind, string field, int at)
    {
        ImageFault fault = Reading.Faults(() => Lznt1.Decompress(Convert.FromHexString(hex), 0x1000, new byte[4096]));

        Assert.Equal(new ImageFault(kind, "Lznt1Chunk", field, 0x1000 + at, fault.Detail), fault);
        Assert.False(string.IsNullOrEmpty(because));
    }

    [Property(MaxTest = 200)]
    public void What_was_compressed_decompresses(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        byte[] data = new byte[random.Next(1, 20_000)];
        for (int at = 0; at < data.Length; at++)
        {
            data[at] = random.Next(10) == 0 || at == 0 ? (byte)random.Next(4) : data[random.Next(Math.Max(0, at - 50), at)];
        }

        byte[] output = new byte[data.Length];
        Lznt1.Decompress(Lznt1Writer.Compress(data), 0, output);

        Assert.Equal(data, output);
    }

    [Property(MaxTest = 1000)]
    public void Any_bytes_decompress_or_are_a_fault(byte[] bytes, ushort size)
    {
        byte[] output = new byte[size];
        output.AsSpan().Fill(0xEE);
        try
        {
            Lznt1.Decompress([0xFF, 0xBF, .. bytes, .. new byte[4096 - Math.Min(4096, bytes.Length)]], 0, output);
        }
        catch (ImageFormatException e)
        {
            Assert.Equal("Lznt1Chunk", e.Fault.Structure);
        }
    }

    private static string Text(byte[] packed, int size)
    {
        byte[] output = new byte[size];
        Lznt1.Decompress(packed, 0, output);
        return Encoding.ASCII.GetString(output);
    }
}
