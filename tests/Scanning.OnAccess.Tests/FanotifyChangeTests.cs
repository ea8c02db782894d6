using System.IO.MemoryMappedFiles;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.OnAccess.Tests;

/// <summary>Whatever changes a file on a real file system is told by fanotify, with its path.</summary>
public sealed class FanotifyChangeTests : IAsyncDisposable
{
    private readonly LoopMount _mount = new();
    private readonly IFileChangeSource _source;

    public FanotifyChangeTests()
    {
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(_mount["elsewhere"]);
        Directory.CreateDirectory(_mount["root-not"]);
        Prepare(Root);
        File.WriteAllText(_mount["elsewhere/stranger"], "stranger");
        _source = FileChangeSource.Open(Root, new FileChangeOptions { Mechanism = FileChangeMechanism.Fanotify });
    }

    /// <summary>What changes a file, and what is told of it: one of them at least, and nothing of other paths than those.</summary>
    public static TheoryData<string, string, FileChangeKind, string> Ways => new()
    {
        { "written", "echo x > file", FileChangeKind.Modified, "file" },
        { "appended to", "echo x >> file", FileChangeKind.Modified, "file" },
        { "truncated", "truncate -s 1 file", FileChangeKind.Modified, "file" },
        { "written in place", "dd if=/dev/zero of=file bs=1 count=1 seek=2 conv=notrunc status=none", FileChangeKind.Modified, "file" },
        { "written through another hard link", "echo x >> link", FileChangeKind.Modified, "link" },
        { "written below a folder", "echo x >> folder/inner", FileChangeKind.Modified, "folder/inner" },
        { "opened for writing only", ": >> file", FileChangeKind.Modified, "file" },
        { "replaced: the new name", "mv other file", FileChangeKind.MovedTo, "file" },
        { "replaced: the old name", "mv other file", FileChangeKind.MovedFrom, "other" },
        { "created", ": > new", FileChangeKind.Created, "new" },
        { "linked", "ln file another", FileChangeKind.Created, "another" },
        { "given another mode", "chmod 600 file", FileChangeKind.AttributesChanged, "file" },
        { "given other times", "touch -d 2001-01-01 file", FileChangeKind.AttributesChanged, "file" },
        { "given an attribute", "setfattr -n user.a -v 1 file", FileChangeKind.AttributesChanged, "file" },
        { "deleted", "rm file", FileChangeKind.Deleted, "file" },
        { "moved with its folder: from", "mv folder moved", FileChangeKind.MovedFrom, "folder" },
        { "moved with its folder: to", "mv folder moved", FileChangeKind.MovedTo, "moved" },
        { "moved in", "mv ../elsewhere/stranger .", FileChangeKind.MovedTo, "stranger" },
        { "moved out", "mv file ../elsewhere/", FileChangeKind.MovedFrom, "file" },
        { "in a folder that is new", "mkdir new && echo x > new/file", FileChangeKind.Modified, "new/file" },
    };

    private string Root => _mount["root"];

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        _mount.Dispose();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_file_that_is_changed_is_told(string way, string command, FileChangeKind kind, string name)
    {
        List<FileChange> changes = await _source.TellAsync(Root, command);

        Assert.True(changes.Exists(change => change.Kind == kind && change.Path == Path.Join(Root, name)), $"{way}: {string.Join(", ", changes)}");
        Assert.All(changes, static change => Assert.NotNull(change.Path));
        Assert.All(changes, static change => Assert.NotEqual(Environment.ProcessId, change.ProcessId));
    }

    [Fact]
    public async Task A_write_through_a_memory_map_is_told_when_the_map_ends()
    {
        using (MemoryMappedFile map = MemoryMappedFile.CreateFromFile(Path.Join(Root, "file")))
        using (MemoryMappedViewAccessor view = map.CreateViewAccessor())
        {
            view.Write(0, (byte)'X');
            Assert.Empty(await _source.TellAsync(Root));
        }

        List<FileChange> changes = await _source.TellAsync(Root);

        Assert.Equal("Xontent", File.ReadAllText(Path.Join(Root, "file")));
        Assert.Contains(
            changes,
            change => change.Kind == FileChangeKind.Modified && change.Path == Path.Join(Root, "file") && change.ProcessId == Environment.ProcessId);
    }

    [Fact]
    public async Task A_file_is_known_by_its_number_whatever_its_name()
    {
        UInt128 number = UInt128.Parse(Peer.Run("stat", "-c", "%i", Path.Join(Root, "file")), null);

        List<FileChange> changes = await _source.TellAsync(Root, "echo x >> link");

        Assert.Contains(changes, change => change.Kind == FileChangeKind.Modified && change.FileId == number && change.Path == Path.Join(Root, "link"));
    }

    [Fact]
    public async Task A_write_through_a_hard_link_outside_the_root_is_told_by_the_number()
    {
        List<FileChange> changes = await _source.TellAsync(
            Root, "for i in $(seq 100); do : > kept-$i; ln kept-$i ../elsewhere/out; echo x >> ../elsewhere/out; rm ../elsewhere/out; done");
        Peer.Run("ln", Path.Join(Root, "file"), _mount["elsewhere/stays"]);
        changes.AddRange(await _source.TellAsync(Root, "echo x >> ../elsewhere/stays"));

        Assert.All(Enumerable.Range(1, 100).Select(static i => $"kept-{i}").Append("file"), name =>
        {
            UInt128 number = UInt128.Parse(Peer.Run("stat", "-c", "%i", Path.Join(Root, name)), null);
            Assert.True(changes.Exists(change => change.Kind == FileChangeKind.Modified && change.FileId == number && Tells(change.Path!)), name);
            bool Tells(string path) => path.StartsWith(_mount["elsewhere/"], StringComparison.Ordinal) || path == Path.Join(Root, name) || path == Path.Join(Root, "link");
        });
    }

    [Fact]
    public async Task A_write_through_another_mount_is_told_under_the_root()
    {
        string bind = _mount.Bind("root/folder");

        List<FileChange> changes = await _source.TellAsync(Root, $"echo x >> '{bind}/inner'");

        Assert.Contains(changes, change => change.Kind == FileChangeKind.Modified && change.Path == Path.Join(Root, "folder/inner"));
    }

    [Fact]
    public async Task What_changes_outside_the_root_is_not_told()
        => Assert.Empty(await _source.TellAsync(Root, "echo x >> ../elsewhere/stranger; : > ../root-not/new; rm ../elsewhere/stranger"));

    [Fact]
    public async Task What_is_only_read_is_not_told() => Assert.Empty(await _source.TellAsync(Root, "cat file folder/inner > /dev/null; ls > /dev/null"));

    [Fact]
    public async Task The_whole_file_system_is_watched_from_its_own_root()
    {
        await using IFileChangeSource source = FileChangeSource.Open(_mount.Path + "/", new FileChangeOptions { Mechanism = FileChangeMechanism.Fanotify });

        Assert.Contains(
            await source.TellAsync(_mount.Path, "echo x >> elsewhere/stranger"),
            change => change.Kind == FileChangeKind.Modified && change.Path == _mount["elsewhere/stranger"]);
    }

    [Fact]
    public async Task Paths_begin_with_the_root_as_it_was_given()
    {
        using TemporaryFolder folder = new();
        File.CreateSymbolicLink(folder["alias"], Root);
        await using IFileChangeSource source = FileChangeSource.Open(folder["alias"]);

        Assert.Equal("fanotify", source.Mechanism);
        Assert.Contains(
            await source.TellAsync(folder["alias"], "rm file"), change => change.Kind == FileChangeKind.Deleted && change.Path == Path.Join(folder["alias"], "file"));
    }

    [Fact]
    public async Task Changes_by_this_process_are_left_out_on_request()
    {
        FileChangeOptions options = new() { Mechanism = FileChangeMechanism.Fanotify, IgnoreOwnProcess = true };
        await using IFileChangeSource source = FileChangeSource.Open(Root, options);

        File.AppendAllText(Path.Join(Root, "file"), "own");

        Assert.Empty(await source.TellAsync(Root));
        Assert.NotEmpty(await _source.TellAsync(Root));
    }

    [Fact]
    public async Task A_file_whose_folder_is_gone_before_it_can_be_named_is_still_told()
    {
        List<FileChange> changes = await _source.TellAsync(
            Root,
            "for i in $(seq 300); do mkdir d; : > kept-$i; ln kept-$i d/f; echo x >> d/f; rm d/f; rmdir d; done");

        Assert.All(Enumerable.Range(1, 300), i =>
        {
            UInt128 number = UInt128.Parse(Peer.Run("stat", "-c", "%i", Path.Join(Root, $"kept-{i}")), null);
            Assert.True(
                changes.Exists(change => change.Kind == FileChangeKind.Overflow || (change.Kind == FileChangeKind.Modified && change.FileId == number)),
                $"kept-{i}");
        });
    }

    [Fact]
    public async Task A_root_that_moves_is_told_as_an_overflow()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        Peer.Run("mv", Root, _mount["moved"]);
        Peer.Run("sh", "-c", $"echo x >> '{_mount["moved/file"]}'");

        await foreach (FileChange change in _source.ReadAllAsync(limit.Token))
        {
            Assert.Equal(FileChange.Overflow, change);
            break;
        }
    }

    [Fact]
    public async Task More_changes_than_wait_are_one_overflow_and_the_source_goes_on()
    {
        FakeLogger logger = new();
        FileChangeOptions options = new() { Mechanism = FileChangeMechanism.Fanotify, QueueCapacity = 16 };
        await using IFileChangeSource source = FileChangeSource.Open(Root, options, logger);

        List<FileChange> changes = await source.TellAsync(Root, "for i in $(seq 2000); do : > many-$i; done");

        Assert.Contains(FileChange.Overflow, changes);
        Assert.InRange(changes.Count, 1, 2000);
        Assert.Contains(logger.Collector.GetSnapshot(), static record => record.Id.Name == "ChangesLost" && record.Level == LogLevel.Warning);
        Assert.Contains(await source.TellAsync(Root, "rm file"), static change => change.Kind == FileChangeKind.Deleted);
    }

    [Fact]
    public async Task Disposing_ends_the_reading_and_lets_the_file_system_go()
    {
        ValueTask<int> reading = _source.ReadAllAsync(TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken);

        await _source.DisposeAsync();
        await _source.DisposeAsync();

        Assert.Equal(0, await reading.AsTask().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        _mount.Unmount();
    }

    /// <summary>Files to change.</summary>
    internal static void Prepare(string root)
    {
        File.WriteAllText(Path.Join(root, "file"), "content");
        File.WriteAllText(Path.Join(root, "other"), "other");
        Peer.Run("ln", Path.Join(root, "file"), Path.Join(root, "link"));
        Directory.CreateDirectory(Path.Join(root, "folder"));
        File.WriteAllText(Path.Join(root, "folder", "inner"), "inner");
    }
}
