using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.DiskImages.Tests.Containers;

public sealed class ImageFolderTests : IDisposable
{
    private static readonly ImageFault Origin = new(ImageFaultKind.Missing, "Descriptor", "Extent.FileName", 42, "");

    private readonly TemporaryFolder _folder = new();
    private readonly string _images;

    public ImageFolderTests()
    {
        _images = _folder["images"];
        Directory.CreateDirectory(Path.Combine(_images, "below"));
        Directory.CreateDirectory(_folder["allowed"]);
        foreach (string file in new[] { "secret", "images/disk.vmdk", "images/below/part.vmdk", "allowed/base.vmdk" })
        {
            File.WriteAllText(_folder[file], file);
        }

        File.WriteAllText(_folder["images/empty"], "");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_beside_the_image_is_opened() => Assert.Equal("images/disk.vmdk".Length, Open("disk.vmdk"));

    [Theory]
    [InlineData("../secret")]
    [InlineData("below/../../secret")]
    [InlineData("below/part.vmdk")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("..")]
    [InlineData("empty")]
    public void Whatever_is_not_a_plain_file_beside_the_image_is_refused(string name)
    {
        ImageFault fault = Reading.Faults(() => Open(name));

        Assert.Equal((ImageFaultKind.Refused, "Extent.FileName", 42L), (fault.Kind, fault.Field, fault.Offset));
    }

    [Fact]
    public void An_absolute_path_to_a_secret_is_refused_whether_it_is_there_or_not()
    {
        Assert.Equal(ImageFaultKind.Refused, Reading.Faults(() => Open(_folder["secret"])).Kind);
        Assert.Equal(ImageFaultKind.Refused, Reading.Faults(() => Open(_folder["nothing"])).Kind);
    }

    [Fact]
    public void A_file_that_is_not_there_is_missing() => Assert.Equal(ImageFaultKind.Missing, Reading.Faults(() => Open("gone.vmdk")).Kind);

    [Fact]
    public void A_link_that_leads_out_of_the_folder_is_refused()
    {
        File.CreateSymbolicLink(_folder["images/link.vmdk"], _folder["secret"]);

        Assert.Equal(ImageFaultKind.Refused, Reading.Faults(() => Open("link.vmdk")).Kind);
    }

    [Fact]
    public void A_link_that_leads_out_through_another_link_is_refused()
    {
        Directory.CreateSymbolicLink(_folder["images/door"], _folder.Path);
        File.CreateSymbolicLink(_folder["images/link.vmdk"], _folder["images/door/secret"]);

        Assert.Equal(ImageFaultKind.Refused, Reading.Faults(() => Open("link.vmdk")).Kind);
    }

    [Fact]
    public void A_link_that_stays_in_the_folder_is_followed()
    {
        File.CreateSymbolicLink(_folder["images/link.vmdk"], _folder["images/disk.vmdk"]);

        Assert.Equal("images/disk.vmdk".Length, Open("link.vmdk"));
    }

    [Theory]
    [InlineData("../door/base.vmdk")]
    [InlineData("link.vmdk")]
    [InlineData("../allowed/link.vmdk")]
    public void Nothing_outside_the_folders_is_looked_at_not_even_a_link_that_leads_back_into_them(string name)
    {
        Directory.CreateSymbolicLink(_folder["door"], _folder["allowed"]);
        File.CreateSymbolicLink(_folder["images/link.vmdk"], _folder["door/base.vmdk"]);
        File.CreateSymbolicLink(_folder["allowed/link.vmdk"], _folder["door/base.vmdk"]);

        ImageFault fault = Reading.Faults(() => new ImageFolder(_images, _folder["allowed"]).Open(name, Origin));

        Assert.Equal((ImageFaultKind.Refused, "Extent.FileName", 42L), (fault.Kind, fault.Field, fault.Offset));
    }

    [Theory]
    [InlineData("allowed")]
    [InlineData("door")]
    public void An_allowed_folder_may_be_named_with_and_without_its_links(string name)
    {
        Directory.CreateSymbolicLink(_folder["door"], _folder["allowed"]);

        using ByteSource source = new ImageFolder(_images, _folder["door"]).Open($"../{name}/base.vmdk", Origin);

        Assert.Equal("allowed/base.vmdk".Length, source.Length);
    }

    [Fact]
    public void A_link_to_itself_is_refused()
    {
        File.CreateSymbolicLink(_folder["images/link.vmdk"], _folder["images/link.vmdk"]);

        Assert.Equal(ImageFaultKind.Refused, Reading.Faults(() => Open("link.vmdk")).Kind);
    }

    [Fact]
    public void A_file_that_is_named_many_times_is_opened_once_and_closed_by_the_last()
    {
        File.CreateSymbolicLink(_folder["images/link.vmdk"], "disk.vmdk");
        ImageFolder folder = new(_images);
        List<ByteSource> sources = [.. Enumerable.Range(0, 100).Select(i => folder.Open(i % 2 == 0 ? "disk.vmdk" : "link.vmdk", Origin))];

        HostFileSource file = Assert.Single(folder.Opened);
        sources.Skip(1).ToList().ForEach(static source => source.Dispose());
        sources[1].Dispose();

        Assert.Equal("images/disk.vmdk", System.Text.Encoding.ASCII.GetString(sources[0].ToArray()));
        Assert.False(file.HasChanged);
        sources[0].Dispose();
        Assert.Empty(folder.Opened);
        Assert.Throws<ObjectDisposedException>(() => file.HasChanged);
    }

    [Fact]
    public void An_extent_that_is_damaged_does_not_keep_an_image_from_telling_whether_it_changed()
    {
        File.WriteAllBytes(_folder["images/broken.vmdk"], new byte[4096]);
        File.WriteAllBytes(_folder["images/flat.vmdk"], new byte[512]);
        File.WriteAllText(
            _folder["images/split.vmdk"],
            "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\nRW 8 SPARSE \"broken.vmdk\"\nRW 1 FLAT \"flat.vmdk\" 0\n");

        using DiskImage image = DiskImage.Open(_folder["images/split.vmdk"]);

        Assert.Equal("broken.vmdk", Assert.Single(image.Faults).File);
        Assert.False(image.HasChanged);
    }

    [Fact]
    public void An_image_folder_that_is_a_link_itself_works()
    {
        Directory.CreateSymbolicLink(_folder["linked"], _images);

        using ByteSource source = new ImageFolder(_folder["linked"]).Open("disk.vmdk", Origin);
        Assert.Equal("images/disk.vmdk".Length, source.Length);
    }

    [Fact]
    public void A_device_or_a_pipe_is_refused_without_opening_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a system with pipes in folders");
        Peer.Run("mkfifo", _folder["images/pipe"]);

        Assert.Equal(ImageFaultKind.Refused, Reading.Faults(() => Open("pipe")).Kind);
    }

    [Theory]
    [InlineData("../allowed/base.vmdk", true)]
    [InlineData("../secret", false)]
    public void Another_folder_counts_only_where_the_caller_allows_it(string name, bool opens)
    {
        ImageFolder folder = new(_images, _folder["allowed"]);
        if (opens)
        {
            folder.Open(name, Origin).Dispose();
        }
        else
        {
            Assert.Equal(ImageFaultKind.Refused, Reading.Faults(() => folder.Open(name, Origin)).Kind);
        }
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("a", false)]
    [InlineData("c:", false)]
    [InlineData("a.vmdk", false)]
    [InlineData("a.vmdk:stream", true)]
    public void A_name_of_any_length_is_asked_for_a_stream_of_Windows(string name, bool expected) => Assert.Equal(expected, ImageFolder.NamesStream(name));

    private long Open(string name)
    {
        using ByteSource source = new ImageFolder(_images).Open(name, Origin);
        return source.Length;
    }
}
