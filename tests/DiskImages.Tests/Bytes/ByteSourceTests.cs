using FsCheck.Xunit;

namespace Symantec.Virtualization.DiskImages.Tests.Bytes;

public class ByteSourceTests
{
    [Property]
    public void A_slice_is_the_part_it_names(byte[] bytes, ushort start, ushort length)
    {
        int from = start % (bytes.Length + 1);
        int count = length % (bytes.Length - from + 1);

        using ByteSource slice = new MemorySource(bytes).Slice(from, count);

        Assert.Equal(bytes.AsSpan(from, count).ToArray(), slice.ToArray());
    }

    [Property]
    public void Parts_one_behind_the_other_are_their_bytes_one_behind_the_other(byte[][] parts, byte step)
    {
        using ConcatenatedSource whole = new([.. parts.Select(part => new MemorySource(part))]);

        Assert.Equal(parts.SelectMany(part => part), whole.ToArray(1 + (step % 16)));
        Assert.Equal(parts.SelectMany(part => part), whole.ToArrayByRuns());
    }

    [Property]
    public void A_stream_reads_as_its_bytes(byte[] bytes, byte step)
    {
        using StreamSource source = new(new MemoryStream(bytes));

        Assert.Equal(bytes, source.ToArray(1 + (step % 16)));
    }

    [Fact]
    public void A_read_at_the_end_is_short_and_one_behind_it_is_empty()
    {
        using MemorySource source = new(new byte[] { 1, 2, 3 });
        byte[] buffer = new byte[8];

        Assert.Equal(1, source.Read(2, buffer));
        Assert.Equal(0, source.Read(3, buffer));
        Assert.Equal(0, source.Read(long.MaxValue, buffer));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Read(-1, buffer));
    }

    [Fact]
    public void A_structure_that_the_source_is_too_short_for_is_a_fault_that_names_it()
    {
        using MemorySource source = new(new byte[10]);

        ImageFault fault = Reading.Faults(() => source.ReadExactly(6, new byte[8], "BootSector"));

        Assert.Equal(new ImageFault(ImageFaultKind.Truncated, "BootSector", "", 6, "needs 8 bytes, 4 left"), fault);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 11)]
    [InlineData(11, 0)]
    [InlineData(5, -1)]
    public void A_slice_cannot_leave_its_source(long offset, long length)
    {
        using MemorySource source = new(new byte[10]);

        Assert.Throws<ArgumentOutOfRangeException>(() => source.Slice(offset, length));
    }

    [Fact]
    public void A_host_file_that_shrinks_while_it_is_read_is_a_fault_and_not_zeros()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, new byte[4096]);
            using HostFileSource source = new(path);
            using (FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                stream.SetLength(100);
            }

            ImageFault fault = Reading.Faults(() => source.Read(0, new byte[4096]));

            Assert.Equal(ImageFaultKind.Truncated, fault.Kind);
            Assert.Equal(Path.GetFileName(path), fault.File);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
