using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.OnAccess.Tests;

/// <summary>The defaults are what the documentation says, and what is out of range is refused before anything is opened.</summary>
public class OptionsTests
{
    public static TheoryData<string, FileChangeOptions> BadChanges => new()
    {
        { "QueueCapacity", new() { QueueCapacity = 0 } },
        { "QueueCapacity", new() { QueueCapacity = (1 << 20) + 1 } },
        { "Mechanism", new() { Mechanism = (FileChangeMechanism)9 } },
    };

    public static TheoryData<string, OpenPermissionOptions> BadGates => new()
    {
        { "MaxConcurrency", new() { MaxConcurrency = 0 } },
        { "MaxConcurrency", new() { MaxConcurrency = 257 } },
        { "QueueCapacity", new() { QueueCapacity = 0 } },
        { "QueueCapacity", new() { QueueCapacity = 65_537 } },
        { "DecisionTimeout", new() { DecisionTimeout = TimeSpan.Zero } },
        { "DecisionTimeout", new() { DecisionTimeout = TimeSpan.FromHours(2) } },
        { "OnFailure", new() { OnFailure = (OpenDecision)9 } },
        { "Scope", new() { Scope = (OpenPermissionScope)9 } },
    };

    [Fact]
    public void Defaults_are_as_documented()
    {
        FileChangeOptions changes = new();
        OpenPermissionOptions gate = new();

        Assert.Equal((FileChangeMechanism.Auto, 16_384, false), (changes.Mechanism, changes.QueueCapacity, changes.IgnoreOwnProcess));
        Assert.Equal(
            (OpenPermissionScope.FileSystem, false, 4, 4_096, TimeSpan.FromSeconds(30), OpenDecision.Allow, false),
            (gate.Scope, gate.ExecutionsOnly, gate.MaxConcurrency, gate.QueueCapacity, gate.DecisionTimeout, gate.OnFailure, gate.RememberAllowed));
        Assert.Equal(FileChange.Overflow, default);
        Assert.Equal(OpenDecision.Deny, default);
    }

    [Theory]
    [MemberData(nameof(BadChanges))]
    public void A_source_refuses_what_is_out_of_range(string name, FileChangeOptions options)
        => Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => FileChangeSource.Open(Path.GetTempPath(), options)).ParamName);

    [Theory]
    [MemberData(nameof(BadGates))]
    public void A_gate_refuses_what_is_out_of_range(string name, OpenPermissionOptions options) => Assert.Equal(
        name,
        Assert.Throws<ArgumentOutOfRangeException>(
            () => OpenPermissionGate.Open(Path.GetTempPath(), static (_, _) => ValueTask.FromResult(OpenDecision.Allow), options)).ParamName);

    [Fact]
    public void A_source_needs_a_folder()
    {
        using TemporaryFolder folder = new();

        Assert.Throws<ArgumentException>(() => FileChangeSource.Open(""));
        Assert.Throws<DirectoryNotFoundException>(() => FileChangeSource.Open(folder["none"]));
    }

    [Fact]
    public async Task A_file_system_that_fanotify_cannot_watch_is_watched_by_a_watcher()
    {
        Peer.RequireRoot();
        await using IFileChangeSource source = FileChangeSource.Open("/proc/self/task");

        Assert.Equal("inotify", source.Mechanism);
        Assert.Throws<OnAccessException>(() => FileChangeSource.Open("/proc/self/task", new FileChangeOptions { Mechanism = FileChangeMechanism.Fanotify }));
    }
}
