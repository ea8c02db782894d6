using System.IO.MemoryMappedFiles;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.OnAccess.Tests;

/// <summary>The watcher tells the same changes as far as it goes.</summary>
public sealed class WatcherChangeTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IFileChangeSource _source;

    public WatcherChangeTests()
    {
        Peer.Require("setfattr");
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(_folder["elsewhere"]);
        FanotifyChangeTests.Prepare(Root);
        File.WriteAllText(_folder["elsewhere/stranger"], "stranger");
        _source = FileChangeSource.Open(Root, new FileChangeOptions { Mechanism = FileChangeMechanism.Watcher });
    }

    /// <summary>The ways of fanotify, in the words of the watcher.</summary>
    public static TheoryData<string, string, FileChangeKind, string> Ways
    {
        get
        {
            TheoryData<string, string, FileChangeKind, string> ways = [];
            foreach ((string way, string command, FileChangeKind kind, string name) in FanotifyChangeTests.Ways.Select(static row => row.Data))
            {
                // It says nothing of a close; names what moves in or out as what comes or goes; may see a folder too late for what was made in it at once.
                (bool isTold, FileChangeKind told) = way switch
                {
                    "opened for writing only" or "in a folder that is new" => (false, kind),
                    "moved in" => (true, FileChangeKind.Created),
                    "moved out" => (true, FileChangeKind.Deleted),
                    _ => (true, kind == FileChangeKind.AttributesChanged ? FileChangeKind.Modified : kind),
                };
                if (isTold)
                {
                    ways.Add(way, command, told, name);
                }
            }

            return ways;
        }
    }

    private string Root => _folder["root"];

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_file_that_is_changed_is_told(string way, string command, FileChangeKind kind, string name)
    {
        List<FileChange> changes = await _source.TellAsync(Root, command);

        Assert.True(changes.Exists(change => change.Kind == kind && change.Path == Path.Join(Root, name)), $"{way}: {string.Join(", ", changes)}");
        Assert.All(changes, static change => Assert.Equal((null, null), (change.FileId, change.ProcessId)));
    }

    [Fact]
    public async Task A_write_through_a_memory_map_or_a_link_outside_is_not_told_on_Linux()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("a limit of inotify");
        }

        Peer.Run("ln", Path.Join(Root, "other"), _folder["elsewhere/out"]);
        await _source.TellAsync(Root);
        using (MemoryMappedFile map = MemoryMappedFile.CreateFromFile(Path.Join(Root, "file")))
        using (MemoryMappedViewAccessor view = map.CreateViewAccessor())
        {
            view.Write(0, (byte)'X');
        }

        Assert.Empty(await _source.TellAsync(Root, "echo x >> ../elsewhere/out"));
        Assert.Equal("Xontent", File.ReadAllText(Path.Join(Root, "file")));
    }

    [Fact]
    public void It_is_named_for_what_it_stands_on() => Assert.Equal(OperatingSystem.IsWindows() ? "ReadDirectoryChangesW" : "inotify", _source.Mechanism);

    [Fact]
    public async Task More_changes_than_wait_are_one_overflow_and_the_source_goes_on()
    {
        await using IFileChangeSource source = FileChangeSource.Open(Root, new FileChangeOptions { Mechanism = FileChangeMechanism.Watcher, QueueCapacity = 16 });

        Assert.Contains(FileChange.Overflow, await source.TellAsync(Root, "for i in $(seq 2000); do : > many-$i; done"));
        Assert.Contains(await source.TellAsync(Root, "rm file"), static change => change.Kind == FileChangeKind.Deleted);
    }

    [Fact]
    public async Task Disposing_ends_the_reading()
    {
        ValueTask<int> reading = _source.ReadAllAsync(TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken);

        await _source.DisposeAsync();

        Assert.Equal(0, await reading.AsTask().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }
}
