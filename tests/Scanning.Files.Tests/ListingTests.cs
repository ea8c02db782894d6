using System.Text;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Files.Tests;

public sealed class ListingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<ScanProblem> _problems = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_regular_file_is_listed_and_no_link_pipe_or_socket()
    {
        Directory.CreateDirectory(_folder["a/b"]);
        File.WriteAllText(_folder["a/b/deep"], "1");
        File.WriteAllText(_folder["top"], "2");
        File.CreateSymbolicLink(_folder["link"], _folder["top"]);
        Directory.CreateSymbolicLink(_folder["a/loop"], _folder.Path);
        Peer.Run("mkfifo", _folder["pipe"]);

        Assert.Equal(["a/b/deep", "top"], List());
        Assert.Empty(_problems);
    }

    [Fact]
    public void A_file_with_two_names_is_listed_by_both_with_one_identity()
    {
        File.WriteAllText(_folder["one"], "x");
        Peer.Run("ln", _folder["one"], _folder["two"]);

        LiveFile[] files = [.. Source().EnumerateFiles(_problems.Add, TestContext.Current.CancellationToken)];

        Assert.Equal(2, files.Length);
        Assert.Single(files.Select(static file => file.Identity).Distinct());
        Assert.All(files, static file => Assert.Equal(2, file.LinkCount));
    }

    [Fact]
    public void A_name_that_is_no_text_is_listed_and_read_by_its_bytes()
    {
        Peer.Run("bash", "-c", $"printf hostile > '{_folder.Path}/'$'\\xff\\xfe.exe'");

        using LiveFile file = Assert.Single(Source().EnumerateFiles(_problems.Add, TestContext.Current.CancellationToken));
        byte[] bytes = new byte[7];

        Assert.Equal(7, file.Read(0, bytes));
        Assert.Equal("hostile", Encoding.ASCII.GetString(bytes));
        Assert.EndsWith("\ufffd\ufffd.exe", file.Location, StringComparison.Ordinal);

        // .NET cannot delete what it cannot name.
        Peer.Run("find", _folder.Path, "-type", "f", "-delete");
    }

    [Fact]
    public void What_is_excluded_is_left_out_with_everything_below_it()
    {
        Directory.CreateDirectory(_folder["cache/deep"]);
        File.WriteAllText(_folder["cache/deep/x"], "1");
        File.WriteAllText(_folder["log"], "2");
        File.WriteAllText(_folder["kept"], "3");

        Assert.Equal(["kept"], List(new LiveFileOptions { Excluded = { _folder["cache"] + "/", _folder["log"] } }));
    }

    [Fact]
    public void A_folder_that_only_shows_the_kernels_state_is_refused()
        => Assert.Contains(
            "kernel's state",
            Assert.Throws<IOException>(() => new LiveFileSource("/proc/self").EnumerateFiles(_problems.Add, CancellationToken.None).ToArray()).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_folder_that_is_not_there_is_named()
        => Assert.Contains("nowhere", Assert.ThrowsAny<IOException>(() => new LiveFileSource(_folder["nowhere"]).EnumerateFiles(_problems.Add, CancellationToken.None).ToArray()).Message, StringComparison.Ordinal);

    [Fact]
    public void One_file_is_a_source_as_well_and_a_link_to_it_leads_to_it()
    {
        File.WriteAllText(_folder["one"], "x");
        File.CreateSymbolicLink(_folder["link"], _folder["one"]);

        using LiveFile file = Assert.Single(new LiveFileSource(_folder["link"]).EnumerateFiles(_problems.Add, TestContext.Current.CancellationToken));

        Assert.Equal(_folder["one"], file.Location);
    }

    [Fact]
    public void Another_volume_is_listed_only_when_asked_for()
    {
        using TemporaryFolder images = new();
        using LoopVolume volume = LoopVolume.Make("ext4", images);
        Directory.Delete(Directory.CreateDirectory(volume["lost+found"]).FullName, recursive: true);
        Directory.CreateDirectory(_folder["mounted"]);
        File.WriteAllText(volume["inside"], "1");
        File.WriteAllText(_folder["outside"], "2");
        Peer.Run("mount", "--bind", volume.Path, _folder["mounted"]);
        try
        {
            Assert.Equal(["outside"], List());
            Assert.Equal(["mounted/inside", "outside"], List(new LiveFileOptions { CrossVolumes = true }));
        }
        finally
        {
            Peer.Run("umount", _folder["mounted"]);
        }
    }

    [Fact]
    public void Holes_are_told_from_what_is_stored()
    {
        using (FileStream sparse = File.Create(_folder["sparse"]))
        {
            sparse.SetLength(64 << 20);
            sparse.Position = 32 << 20;
            sparse.Write(new byte[4096].Select(static _ => (byte)1).ToArray());
        }

        using LiveFile file = LiveFile.Find(_folder["sparse"]);
        long stored = 0;
        for (long at = 0; at < file.Length;)
        {
            ContentRun run = file.RunAt(at);
            stored += run.IsStored ? run.Length : 0;
            at += run.Length;
        }

        Assert.InRange(stored, 4096, 1 << 20);
        Assert.InRange(file.StoredLength, 4096, 1 << 20);
    }

    [Fact]
    public void A_file_that_is_replaced_while_it_is_read_stays_the_one_that_was_opened()
    {
        File.WriteAllText(_folder["x"], "first");
        File.WriteAllText(_folder["y"], "other");
        using LiveFile file = LiveFile.Find(_folder["x"]);
        byte[] bytes = new byte[5];
        file.Read(0, bytes);
        FileIdentity before = file.Identity!;

        File.Move(_folder["y"], _folder["x"], overwrite: true);
        file.Read(0, bytes);

        Assert.Equal("first", Encoding.ASCII.GetString(bytes));
        Assert.Equal(before.FileId, file.Identity!.FileId);
    }

    [Fact]
    public void A_link_that_took_the_place_of_a_file_is_not_followed()
    {
        File.WriteAllText(_folder["x"], "first");
        using LiveFile file = Assert.Single(Source().EnumerateFiles(_problems.Add, TestContext.Current.CancellationToken));
        File.Delete(_folder["x"]);
        File.CreateSymbolicLink(_folder["x"], "/etc/shadow");

        Assert.Contains("link", Assert.Throws<IOException>(() => file.Read(0, new byte[5])).Message, StringComparison.Ordinal);
    }

    /// <summary>Folders are listed ahead by other threads; what comes of it must not tell.</summary>
    [Theory]
    [InlineData("wide", 40, 1)]
    [InlineData("deep", 1, 60)]
    [InlineData("both", 6, 3)]
    public void Every_file_of_a_large_tree_is_listed_once_and_in_the_same_order_each_time(string shape, int wide, int deep)
    {
        Assert.NotEmpty(shape);
        Grow(Directory.CreateDirectory(_folder["tree"]).FullName, wide, deep);
        Directory.CreateDirectory(_folder["tree/large"]);
        foreach (int i in Enumerable.Range(0, 3000))
        {
            File.WriteAllText(_folder[$"tree/large/a-long-name-{i}"], "");
        }

        string[] first = Names();

        Assert.Equal(Peer.Run("find", _folder.Path, "-type", "f").TrimEnd().Split('\n').Order(StringComparer.Ordinal), first.Order(StringComparer.Ordinal));
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal(first, Names()));

        string[] Names() => [.. Source().EnumerateFiles(_problems.Add, TestContext.Current.CancellationToken).Select(static file => file.Location)];
    }

    [Fact]
    public void A_listing_that_is_left_early_leaves_no_folder_open()
    {
        Grow(_folder.Path, 6, 3);

        foreach (int taken in Enumerable.Range(1, 50))
        {
            Assert.Equal(taken, Source().EnumerateFiles(_problems.Add, TestContext.Current.CancellationToken).Take(taken).Count());
        }

        Assert.DoesNotContain(Directory.GetFiles("/proc/self/fd"), file => new FileInfo(file).LinkTarget?.StartsWith(_folder.Path, StringComparison.Ordinal) ?? false);
    }

    [Theory]
    [InlineData("a moment ago", 0, 5)]
    [InlineData("two seconds ago", 2000, 11)]
    public void What_the_listing_was_told_counts_for_a_moment(string when, int milliseconds, long expected)
    {
        Assert.NotEmpty(when);
        File.WriteAllText(_folder["x"], "first");
        byte[] path = LinuxListing.ToBytes(_folder["x"]);
        using LinuxFile file = new(path, LinuxListing.StatusOf(path, "x"), new LinuxVolumes(), Environment.TickCount64 - milliseconds);

        File.AppendAllText(_folder["x"], "-later");

        Assert.Equal(expected, file.Identity!.Size);
        Assert.Equal(11, file.Identity!.Size);
    }

    private static void Grow(string folder, int wide, int deep)
    {
        File.WriteAllText(Path.Combine(folder, "file"), "");
        for (int i = 0; i < wide && deep > 0; i++)
        {
            Grow(Directory.CreateDirectory(Path.Combine(folder, $"folder{i}")).FullName, wide, deep - 1);
        }
    }

    private LiveFileSource Source(LiveFileOptions? options = null) => new(_folder.Path, options);

    private string[] List(LiveFileOptions? options = null)
        => [.. Source(options).EnumerateFiles(_problems.Add, TestContext.Current.CancellationToken).Select(file => Path.GetRelativePath(_folder.Path, file.Location)).Order(StringComparer.Ordinal)];
}
