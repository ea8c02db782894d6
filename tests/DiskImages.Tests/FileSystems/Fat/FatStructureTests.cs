using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Xunit;
using Symantec.Virtualization.DiskImages.FileSystems.Fat;

namespace Symantec.Virtualization.DiskImages.Tests.FileSystems.Fat;

/// <summary>The fixed structures of FAT, each broken in one field.</summary>
public class FatStructureTests
{
    public static TheoryData<string, int, string, ImageFaultKind, string> BrokenBootSectors => new()
    {
        { "a sector of 513 bytes", 0x0B, "0102", ImageFaultKind.InvalidValue, "BytesPerSector" },
        { "three sectors a cluster", 0x0D, "03", ImageFaultKind.InvalidValue, "SectorsPerCluster" },
        { "no reserved sectors", 0x0E, "0000", ImageFaultKind.InvalidValue, "ReservedSectors" },
        { "no tables", 0x10, "00", ImageFaultKind.InvalidValue, "NumberOfFats" },
        { "five tables", 0x10, "05", ImageFaultKind.InvalidValue, "NumberOfFats" },
        { "an unknown medium", 0x15, "01", ImageFaultKind.InvalidValue, "Media" },
        { "no sectors", 0x13, "0000", ImageFaultKind.InvalidValue, "TotalSectors32" },
        { "no room behind the tables", 0x13, "1000", ImageFaultKind.InvalidValue, "TotalSectors32" },
        { "BitLocker To Go", 0x1A8, "3BD66749292ED84A8399F6A339E3D001", ImageFaultKind.Unsupported, "BitLockerIdentifier" },
    };

    [Theory]
    [MemberData(nameof(BrokenBootSectors))]
    public void A_boot_sector_names_its_broken_field(string because, int at, string hex, ImageFaultKind kind, string field)
    {
        byte[] sector = TinyImage.Load("fat16").Bytes[..FatBootSector.Size];
        Convert.FromHexString(hex).CopyTo(sector, at);

        ImageFault fault = Reading.Faults(() => FatBootSector.Parse(sector, 0x10000));

        Assert.Equal((kind, "FatBootSector", field), (fault.Kind, fault.Structure, fault.Field));
        Assert.InRange(fault.Offset, 0x10000, 0x10000 + 511);
        Assert.False(string.IsNullOrEmpty(because));
    }

    [Theory]
    [InlineData(4084, false, "Fat12")]
    [InlineData(4085, false, "Fat16")]
    [InlineData(65_524, false, "Fat16")]
    [InlineData(65_525, false, "Fat32")]
    [InlineData(100, true, "Fat32")]
    public void The_number_of_clusters_tells_the_kind_unless_the_table_size_does(uint clusters, bool largeTable, string kind)
    {
        byte[] sector = new byte[512];
        BinaryPrimitives.WriteUInt16LittleEndian(sector.AsSpan(0x0B), 512);
        (sector[0x0D], sector[0x0E], sector[0x10], sector[0x15]) = (1, 1, 1, 0xF8);
        BinaryPrimitives.WriteUInt16LittleEndian(sector.AsSpan(0x11), largeTable ? (ushort)0 : (ushort)16);
        BinaryPrimitives.WriteUInt16LittleEndian(sector.AsSpan(0x16), largeTable ? (ushort)0 : (ushort)600);
        BinaryPrimitives.WriteUInt32LittleEndian(sector.AsSpan(0x24), 600);
        BinaryPrimitives.WriteUInt32LittleEndian(sector.AsSpan(0x20), 1 + 600 + (largeTable ? 0u : 1u) + clusters);

        FatBootSector boot = FatBootSector.Parse(sector, 0);

        Assert.Equal((kind, clusters), (boot.Kind.ToString(), boot.ClusterCount));
    }

    [Fact]
    public void A_table_that_is_too_short_bounds_the_clusters()
    {
        byte[] sector = TinyImage.Load("fat16").Bytes[..FatBootSector.Size];
        BinaryPrimitives.WriteUInt16LittleEndian(sector.AsSpan(0x16), 1);

        FatBootSector boot = FatBootSector.Parse(sector, 0);

        Assert.Equal((FatKind.Fat16, 254u), (boot.Kind, boot.ClusterCount));
    }

    [Property]
    public void A_long_name_is_taken_for_its_short_name_and_no_other(NonEmptyString text, byte checksum, byte other)
    {
        string name = new([.. text.Item.Where(static c => c is not '\0' and not '\uFFFF').Take(255)]);
        LongName parts = new();
        Add(parts, name, checksum);
        string? taken = parts.TakeFor(checksum);
        Add(parts, name, checksum);
        string? stranger = parts.TakeFor(other);

        Assert.Equal(name.Length == 0 ? null : name, taken);
        Assert.Equal(other == checksum && name.Length > 0 ? name : null, stranger);
        Assert.Null(parts.TakeFor(checksum));
    }

    [Theory]
    [InlineData("a part is missing")]
    [InlineData("the parts stand in the wrong order")]
    [InlineData("a part belongs to another name")]
    public void A_long_name_that_is_not_whole_counts_for_nothing(string because)
    {
        byte[][] parts = Parts("a name of more than thirteen characters", 7);
        byte[][] broken = because switch
        {
            "a part is missing" => [parts[0], parts[2]],
            "the parts stand in the wrong order" => [parts[0], parts[2], parts[1]],
            _ => [parts[0], Parts("another name of more than thirteen", 9)[1], parts[2]],
        };
        LongName name = new();
        Array.ForEach(broken, part => name.Add(part));

        Assert.Null(name.TakeFor(7));
    }

    [Property(MaxTest = 300)]
    public void Any_entries_are_a_name_or_none(byte[] bytes)
    {
        LongName name = new();
        for (int i = 0; i + 32 <= bytes.Length; i += 8)
        {
            name.Add(bytes.AsSpan(i, 32));
        }

        Assert.InRange((name.TakeFor(0) ?? "").Length, 0, 260);
    }

    [Theory]
    [InlineData("README  TXT", 0x00, "README.TXT")]
    [InlineData("README  TXT", 0x18, "readme.txt")]
    [InlineData("README  TXT", 0x08, "readme.TXT")]
    [InlineData("NOEXT      ", 0x00, "NOEXT")]
    [InlineData("A B     C D", 0x00, "A B.C D")]
    [InlineData("\u0005ABC       ", 0x00, "σABC")]
    [InlineData("\u008E\u0099\u009A        ", 0x00, "ÄÖÜ")]
    public void A_short_name_is_read_in_its_code_page_and_case(string stored, byte lowerCase, string expected)
    {
        byte[] entry = new byte[32];
        Encoding.Latin1.GetBytes(stored).CopyTo(entry, 0);
        entry[0x0C] = lowerCase;

        Assert.Equal(expected, new DirectoryEntry(entry).ShortName);
    }

    [Fact]
    public void A_date_that_is_none_is_none()
    {
        byte[] entry = new byte[32];
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(0x18), (46 << 9) | (2 << 5) | 31);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(0x10), (46 << 9) | (11 << 5) | 23);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(0x0E), (10 << 11) | (59 << 5) | 29);
        entry[0x0D] = 150;

        FileTimes times = new DirectoryEntry(entry).Times;

        Assert.Null(times.Modified);
        Assert.Equal(new DateTime(2026, 11, 23, 10, 59, 59, 500, DateTimeKind.Unspecified), times.Created);
    }

    private static void Add(LongName name, string text, byte checksum) => Array.ForEach(Parts(text, checksum), part => name.Add(part));

    /// <summary>The entries of a long name in the order in which they stand in a folder.</summary>
    private static byte[][] Parts(string text, byte checksum)
    {
        int count = Math.Max(1, (text.Length + 12) / 13);
        byte[][] parts = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            byte[] part = new byte[32];
            string letters = text[(i * 13)..Math.Min(text.Length, (i + 1) * 13)];
            byte[] units = Encoding.Unicode.GetBytes((letters.Length < 13 ? letters + '\0' : letters).PadRight(13, '\uFFFF'));
            part[0] = (byte)((i + 1) | (i == count - 1 ? 0x40 : 0));
            (part[0x0B], part[0x0D]) = (0x0F, checksum);
            units.AsSpan(0, 10).CopyTo(part.AsSpan(0x01));
            units.AsSpan(10, 12).CopyTo(part.AsSpan(0x0E));
            units.AsSpan(22, 4).CopyTo(part.AsSpan(0x1C));
            parts[count - 1 - i] = part;
        }

        return parts;
    }
}
