using FsCheck.Xunit;

namespace Symantec.Virtualization.DiskImages.Tests.Bytes;

public class FieldViewTests
{
    private static class At
    {
        public const int Magic = 0;
        public const int Count = 4;
        public const int Size = 12;
    }

    [Fact]
    public void Fields_are_little_endian()
    {
        FieldView view = new([1, 2, 3, 4, 5, 6, 7, 8], "S", 0);

        Assert.Equal(0x01, view.U8(0));
        Assert.Equal(0x0201, view.U16(0));
        Assert.Equal(0x04030201u, view.U32(0));
        Assert.Equal(0x0807060504030201ul, view.U64(0));
    }

    [Fact]
    public void A_field_behind_the_end_is_named_with_its_place_in_the_image()
    {
        ImageFault fault = Reading.Faults(() => new FieldView(new byte[14], "Header", 0x1000).U32(At.Size));

        Assert.Equal(new ImageFault(ImageFaultKind.Truncated, "Header", "Size", 0x100C, "needs 4 bytes, 2 left"), fault);
        Assert.Equal("Header.Size at 0x100C: needs 4 bytes, 2 left", fault.ToString());
    }

    [Fact]
    public void A_size_that_would_be_negative_is_a_fault()
    {
        byte[] bytes = [0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

        ImageFault fault = Reading.Faults(() => new FieldView(bytes, "Header", 0).I63(At.Count));

        Assert.Equal((ImageFaultKind.InvalidValue, "Count", 4L), (fault.Kind, fault.Field, fault.Offset));
    }

    [Fact]
    public void Sectors_whose_bytes_cannot_be_counted_are_a_fault()
    {
        byte[] bytes = [0, 0, 0, 0, 0, 0, 0, 0x40];

        ImageFault fault = Reading.Faults(() => new FieldView(bytes, "Header", 0).Sectors(At.Magic));

        Assert.Equal((ImageFaultKind.InvalidValue, "Magic"), (fault.Kind, fault.Field));
    }

    [Property]
    public void Any_field_is_read_or_is_a_fault(byte[] bytes, int offset, int size)
    {
        try
        {
            Assert.Equal(size, new FieldView(bytes, "S", 0).Bytes(offset, size).Length);
            Assert.InRange(offset, 0, bytes.Length - size);
        }
        catch (ImageFormatException e)
        {
            Assert.Equal(ImageFaultKind.Truncated, e.Fault.Kind);
        }
    }

    [Fact]
    public void A_fault_in_another_file_of_the_image_names_the_file()
    {
        ImageFault fault = new(ImageFaultKind.InvalidValue, "SparseExtentHeader", "GrainSize", 0x14, "9 sectors") { File = "disk-s002.vmdk" };

        Assert.Equal("SparseExtentHeader.GrainSize at 0x14 of disk-s002.vmdk: 9 sectors", fault.ToString());
    }
}
