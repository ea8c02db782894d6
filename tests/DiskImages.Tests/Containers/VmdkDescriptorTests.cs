using System.Text;
using FsCheck.Xunit;
using Symantec.Virtualization.DiskImages.Containers.Vmdk;

namespace Symantec.Virtualization.DiskImages.Tests.Containers;

public class VmdkDescriptorTests
{
    private const string Head = "# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\n";

    public static TheoryData<string, string, string, ImageFaultKind> BrokenLines => new()
    {
        { "a size that is no number", "RW many FLAT \"a\" 0", "Extent.Size", ImageFaultKind.InvalidValue },
        { "a negative size", "RW -1 FLAT \"a\" 0", "Extent.Size", ImageFaultKind.InvalidValue },
        { "a size whose bytes cannot be counted", "RW 99999999999999999 FLAT \"a\" 0", "Extent.Size", ImageFaultKind.InvalidValue },
        { "a name without an end", "RW 1 FLAT \"a", "Extent.FileName", ImageFaultKind.InvalidValue },
        { "an offset that is no number", "RW 1 FLAT \"a\" x", "Extent.Offset", ImageFaultKind.InvalidValue },
    };

    [Fact]
    public void A_descriptor_as_products_write_it_is_read()
    {
        VmdkDescriptor descriptor = Parse(Head + """
            createType="twoGbMaxExtentFlat"

            # Extent description
            RW 4192256 FLAT "disk f001.vmdk" 0
            RW 2048 FLAT "disk f002.vmdk" 128
            RDONLY 63 ZERO
            RW 100 VMFS "disk-flat.vmdk"

            # The Disk Data Base
            #DDB
            ddb.adapterType = "lsilogic"
            """);

        Assert.Equal("twoGbMaxExtentFlat", descriptor.CreateType);
        Assert.False(descriptor.HasParent);
        Assert.Equal(
            [
                ("RW", 4192256L, VmdkExtentKind.Flat, "disk f001.vmdk", 0L),
                ("RW", 2048, VmdkExtentKind.Flat, "disk f002.vmdk", 128),
                ("RDONLY", 63, VmdkExtentKind.Zero, "", 0),
                ("RW", 100, VmdkExtentKind.Flat, "disk-flat.vmdk", 0),
            ],
            descriptor.Extents.Select(line => (line.Access, line.Size.Value, line.Kind, line.FileName, line.FileOffset.Value)));
    }

    [Fact]
    public void Case_spaces_and_line_ends_do_not_matter()
    {
        VmdkDescriptor descriptor = Parse("#x\r\n  VERSION = 1 \r\n CreateType =  \"custom\"\r\n rw   10\tsparse   \"a.vmdk\"  \r\n");

        Assert.Equal("custom", descriptor.CreateType);
        VmdkExtentLine line = Assert.Single(descriptor.Extents);
        Assert.Equal((10L, VmdkExtentKind.Sparse, "a.vmdk"), (line.Size.Value, line.Kind, line.FileName));
    }

    [Theory]
    [InlineData("UTF-8", "65001", "диск")]
    [InlineData("windows-1252", "1252", "Größe")]
    [InlineData("GBK", "936", "磁盘")]
    [InlineData("Big5", "950", "磁碟")]
    [InlineData("Shift_JIS", "932", "ディスク")]
    public void A_name_is_read_in_the_encoding_that_the_descriptor_states(string encoding, string codePage, string name)
    {
        Encoding writer = encoding == "UTF-8" ? Encoding.UTF8 : CodePagesEncodingProvider.Instance.GetEncoding(int.Parse(codePage, null))!;
        byte[] text = writer.GetBytes(Head + $"encoding=\"{encoding}\"\nRW 1 FLAT \"{name}\" 0\n");

        Assert.Equal(name, Assert.Single(VmdkDescriptor.Parse(text, 0).Extents).FileName);
    }

    [Fact]
    public void A_snapshot_names_its_parent()
    {
        VmdkDescriptor descriptor = Parse("version=1\nparentCID=12345678\nparentFileNameHint=\"base.vmdk\"\n");

        Assert.True(descriptor.HasParent);
        Assert.Equal("base.vmdk", descriptor.ParentHint);
    }

    [Theory]
    [MemberData(nameof(BrokenLines))]
    public void A_broken_extent_line_names_its_field_and_its_place(string because, string line, string field, ImageFaultKind kind)
    {
        ImageFault fault = Reading.Faults(() => VmdkDescriptor.Parse(Encoding.UTF8.GetBytes(Head + line + "\n"), origin: 0x200));

        Assert.Equal(new ImageFault(kind, "Descriptor", field, 0x200 + Head.Length, fault.Detail), fault);
        Assert.False(string.IsNullOrEmpty(because));
    }

    [Theory]
    [InlineData("CID=1\n", ImageFaultKind.InvalidValue)]
    [InlineData("version=7\n", ImageFaultKind.Unsupported)]
    [InlineData("version=one\n", ImageFaultKind.Unsupported)]
    public void A_descriptor_needs_a_version_that_is_known(string text, ImageFaultKind kind)
        => Assert.Equal((kind, "version"), (Reading.Faults(() => Parse(text)).Kind, "version"));

    [Theory]
    [InlineData("# Disk DescriptorFile\n", true)]
    [InlineData("# disk descriptorfile\r\n", true)]
    [InlineData("\n# made by hand\n version = 1\n", true)]
    [InlineData("hello\nversion=1\n", false)]
    [InlineData("", false)]
    [InlineData("versions\n", false)]
    public void A_descriptor_is_known_by_its_beginning(string text, bool expected)
        => Assert.Equal(expected, VmdkDescriptor.Recognizes(Encoding.UTF8.GetBytes(text)));

    [Property]
    public void Any_text_is_read_or_is_a_fault_that_names_the_descriptor(byte[] bytes, bool headed)
    {
        byte[] text = headed ? [.. Encoding.UTF8.GetBytes(Head + "RW "), .. bytes] : bytes;
        try
        {
            Assert.NotNull(VmdkDescriptor.Parse(text, 0));
        }
        catch (ImageFormatException e)
        {
            Assert.Equal("Descriptor", e.Fault.Structure);
        }
    }

    private static VmdkDescriptor Parse(string text) => VmdkDescriptor.Parse(Encoding.UTF8.GetBytes(text), 0);
}
