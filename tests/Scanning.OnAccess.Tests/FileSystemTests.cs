using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.OnAccess.Tests;

/// <summary>Handles of files differ between file systems; what is told does not.</summary>
public class FileSystemTests
{
    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    [InlineData("tmpfs")]
    public async Task Changes_are_told_and_opens_are_asked_for(string fileSystem)
    {
        using LoopMount mount = new(fileSystem);
        FanotifyChangeTests.Prepare(mount.Path);
        UInt128 number = UInt128.Parse(Peer.Run("stat", "-c", "%i", mount["folder/inner"]), null);
        await using IFileChangeSource source = FileChangeSource.Open(mount.Path, new FileChangeOptions { Mechanism = FileChangeMechanism.Fanotify });
        await using OpenPermissionGate gate = OpenPermissionGate.Open(
            mount.Path,
            static (request, _) => ValueTask.FromResult(Path.GetFileName(request.Path) == "other" ? OpenDecision.Deny : OpenDecision.Allow));

        List<FileChange> changes = await source.TellAsync(mount.Path, "echo x >> folder/inner && mv folder moved && rm file && test -z \"$(cat other 2> /dev/null)\"");

        Assert.Contains(changes, change => change.Kind == FileChangeKind.Modified && change.FileId == number);
        Assert.Contains(changes, change => change.Kind == FileChangeKind.MovedFrom && change.Path == mount["folder"]);
        Assert.Contains(changes, change => change.Kind == FileChangeKind.MovedTo && change.Path == mount["moved"]);
        Assert.Contains(changes, change => change.Kind == FileChangeKind.Deleted && change.Path == mount["file"]);
    }

    [Fact]
    public async Task A_subvolume_of_Btrfs_is_told_from_the_root_of_the_file_system_and_has_a_watcher_of_its_own()
    {
        using LoopMount mount = new("btrfs");
        Peer.Run("btrfs", "subvolume", "create", mount["sub"]);
        await using IFileChangeSource whole = FileChangeSource.Open(mount.Path);
        await using IFileChangeSource part = FileChangeSource.Open(mount["sub"]);

        Assert.Equal(("fanotify", "inotify"), (whole.Mechanism, part.Mechanism));
        Assert.Contains(await whole.TellAsync(mount["sub"], "echo x > file"), change => change.Kind == FileChangeKind.Modified && change.Path == mount["sub/file"]);
        Assert.Contains(await part.TellAsync(mount["sub"]), change => change.Kind == FileChangeKind.Modified && change.Path == mount["sub/file"]);
        Assert.Contains(
            "subvolume",
            Assert.Throws<OnAccessException>(() => FileChangeSource.Open(mount["sub"], new FileChangeOptions { Mechanism = FileChangeMechanism.Fanotify })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_overlay_as_containers_have_it_is_told()
    {
        using LoopMount mount = new();
        foreach (string folder in new[] { "lower", "upper", "work", "merged" })
        {
            Directory.CreateDirectory(mount[folder]);
        }

        await File.WriteAllTextAsync(mount["lower/file"], "content", TestContext.Current.CancellationToken);
        string merged = mount.Mount("overlay", "-t", "overlay", "-o", $"lowerdir={mount["lower"]},upperdir={mount["upper"]},workdir={mount["work"]}", "overlay");
        await using IFileChangeSource source = FileChangeSource.Open(merged);

        List<FileChange> changes = await source.TellAsync(merged, "echo x >> file && echo x > new && echo x >> file");

        Assert.Contains(changes, change => change.Kind == FileChangeKind.Modified && change.Path == Path.Join(merged, "file"));
        Assert.Contains(changes, change => change.Kind == FileChangeKind.Created && change.Path == Path.Join(merged, "new"));
    }
}
