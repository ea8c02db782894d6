using System.Threading.Channels;
using Microsoft.Extensions.Logging.Testing;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.OnAccess;

namespace Symantec.Virtualization.ImageException.Tests;

public sealed class MarkGuardTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(FileChangeMechanism.Fanotify)]
    [InlineData(FileChangeMechanism.Watcher)]
    public async Task A_file_loses_its_mark_as_soon_as_it_changes_and_others_keep_theirs(FileChangeMechanism mechanism)
    {
        using LoopVolume volume = await SealedAsync();
        FakeLogCollector log = new();
        using SealedImage image = SealedImage.Open(SealPlace.Of(volume.Path), _bench.Trust);
        using MarkGuard guard = Guard(image, volume.Path, mechanism, 1000, log);
        Channel<bool> seen = Watch(guard);
        await guard.StartAsync(TestContext.Current.CancellationToken);
        await WaitForAsync(log, "SourceOpened");

        // Another process, since the guard may leave its own changes out.
        Peer.Run("bash", "-c", $"printf EVIL >> '{volume["changed"]}'; cat '{volume["kept"]}'");
        while (Workbench.MarkOf(volume["changed"]) is not null)
        {
            await seen.Reader.ReadAsync(TestContext.Current.CancellationToken);
        }

        Assert.NotNull(Workbench.MarkOf(volume["kept"]));
        await guard.StopAsync(TestContext.Current.CancellationToken);
        Assert.Contains(log.GetSnapshot(), static record => record.Id.Name == "SealedFileChanged");
    }

    [Fact]
    public async Task When_changes_may_have_been_missed_everything_is_checked_before_anything_is_believed()
    {
        using LoopVolume volume = await SealedAsync();
        FakeLogCollector log = new();
        using SealedImage image = SealedImage.Open(SealPlace.Of(volume.Path), _bench.Trust);
        using MarkGuard guard = Guard(image, volume.Path, FileChangeMechanism.Fanotify, 1, log);
        await guard.StartAsync(TestContext.Current.CancellationToken);
        await WaitForAsync(log, "SourceOpened");

        Peer.Run("bash", "-c", $"cd '{volume.Path}'; for i in $(seq 300); do echo $i > noise$i; done; printf EVIL >> changed");
        await WaitForAsync(log, "SealResumed");

        Assert.Contains(log.GetSnapshot(), static record => record.Id.Name == "SealSuspended");
        await guard.StopAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(Workbench.MarkOf(volume["kept"]));
    }

    private async Task<LoopVolume> SealedAsync()
    {
        LoopVolume volume = LoopVolume.Make("ext4", _bench.Folder);
        File.WriteAllText(volume["changed"], "original");
        File.WriteAllText(volume["kept"], "original");
        await _bench.SealAsync(volume.Path);
        return volume;
    }

    private static MarkGuard Guard(SealedImage image, string root, FileChangeMechanism mechanism, int capacity, FakeLogCollector log)
    {
        MarkGuardOptions options = new() { Root = root, CheckPause = TimeSpan.FromMilliseconds(1) };
        options.Changes.Mechanism = mechanism;
        options.Changes.QueueCapacity = capacity;
        return new MarkGuard([image], options, logger: new FakeLogger<MarkGuard>(log));
    }

    private static Channel<bool> Watch(MarkGuard guard)
    {
        Channel<bool> seen = Channel.CreateUnbounded<bool>();
        guard.Seen += () => seen.Writer.TryWrite(true);
        return seen;
    }

    /// <summary>Waits until something is logged; the log itself tells when it was added to.</summary>
    private static async Task WaitForAsync(FakeLogCollector log, string name)
    {
        await foreach (FakeLogRecord record in log.GetLogsAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            if (record.Id.Name == name)
            {
                return;
            }
        }
    }
}
