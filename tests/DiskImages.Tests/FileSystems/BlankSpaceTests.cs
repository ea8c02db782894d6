using Symantec.Virtualization.DiskImages.FileSystems;
using Symantec.Virtualization.DiskImages.Tests.Containers;

namespace Symantec.Virtualization.DiskImages.Tests.FileSystems;

public class BlankSpaceTests
{
    [Fact]
    public void A_volume_is_unformatted_only_if_all_of_it_is_zero()
    {
        byte[] late = new byte[3 << 20];
        late[^1] = 1;

        Assert.True(BlankSpace.IsBlank(new MemorySource(new byte[3 << 20])));
        Assert.False(BlankSpace.IsBlank(new MemorySource(late)));
    }

    [Fact]
    public void Holes_cost_nothing_and_zeros_beyond_what_is_read_are_no_answer()
    {
        using HoleSource hole = new(long.MaxValue);

        Assert.True(BlankSpace.IsBlank(hole, maxProbe: 0));
        Assert.Null(BlankSpace.IsBlank(new MemorySource(new byte[3 << 20]), maxProbe: 1 << 20));
    }

    [Fact]
    public void Data_behind_a_blank_beginning_is_the_volumes_fault()
    {
        byte[] disk = [.. new byte[2 << 20], .. TinyImage.Load("fat12").Bytes];

        using DiskImage image = DiskImage.Open(new MemorySource(disk), MemoryFiles.None);

        Volume volume = Assert.Single(image.Volumes);
        Assert.Equal(("", ImageFaultKind.Unsupported, "Volume"), (volume.Remark, volume.Fault!.Kind, volume.Fault.Structure));
    }
}
