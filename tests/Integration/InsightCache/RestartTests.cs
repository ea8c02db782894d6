using System.Net;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.InsightCache;

/// <summary>What outlives a server, however it ends.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => $"DataFolder={_folder["data"]}";

    [Fact]
    public async Task A_server_that_is_stopped_knows_everything_when_it_starts_again()
    {
        await using (InsightCacheHostProgram before = await InsightCacheHostProgram.StartAsync(Data))
        {
            await before.SetDefinitionsAsync();
            await before.VoteAsync("clean", Enumerable.Range(0, 100));
            await before.VoteAsync("infected", 7);
            Assert.Equal(0, await before.StopAsync());
        }

        await using InsightCacheHostProgram after = await InsightCacheHostProgram.StartAsync(Data);
        IReadOnlyList<string> answers = await after.AskAsync(Enumerable.Range(0, 101));
        Assert.Equal((99, "scan", "scan"), (answers.Count(static answer => answer == "clean"), answers[7], answers[100]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(30)]
    public async Task A_server_that_is_killed_while_it_votes_and_writes_has_the_last_acknowledged_snapshot_and_every_recall(int requestsBefore)
    {
        await using (InsightCacheHostProgram before = await InsightCacheHostProgram.StartAsync(Data, "Memory=64MiB"))
        {
            await before.SetDefinitionsAsync();
            await before.VoteAsync("clean", Enumerable.Range(0, 500));
            await before.SendAsync(HttpMethod.Post, "/v1/snapshot", expected: HttpStatusCode.NoContent);
            await before.VoteAsync("infected", 3);
            List<Task> running = [];
            for (int i = 0; i < requestsBefore; i++)
            {
                running.Add(before.VoteAsync("clean", Enumerable.Range(1000 + (i * 100), 100)));
                running.Add(before.SendAsync(HttpMethod.Post, "/v1/snapshot", expected: HttpStatusCode.NoContent));
            }

            if (running.Count > 0)
            {
                await Task.WhenAny(running);
            }

            await before.KillAsync();
            await Task.WhenAll(running.Select(static task => task.ContinueWith(static _ => { }, TaskScheduler.Default)));
        }

        await using InsightCacheHostProgram after = await InsightCacheHostProgram.StartAsync(Data, "Memory=64MiB");
        IReadOnlyList<string> answers = await after.AskAsync(Enumerable.Range(0, 500));
        Assert.Equal((499, "scan"), (answers.Count(static answer => answer == "clean"), answers[3]));
        Assert.All(await after.AskAsync(Enumerable.Range(100_000, 100)), static answer => Assert.Equal("scan", answer));
    }

    [Fact]
    public async Task A_damaged_snapshot_is_refused_in_the_log_and_the_server_starts_empty()
    {
        await using (InsightCacheHostProgram before = await InsightCacheHostProgram.StartAsync(Data))
        {
            await before.SetDefinitionsAsync();
            await before.VoteAsync("clean", 1);
            await before.StopAsync();
        }

        string snapshot = Path.Combine(_folder["data"], "verdicts.snapshot");
        byte[] bytes = await File.ReadAllBytesAsync(snapshot, TestContext.Current.CancellationToken);
        bytes[^20] ^= 1;
        await File.WriteAllBytesAsync(snapshot, bytes, TestContext.Current.CancellationToken);

        await using InsightCacheHostProgram after = await InsightCacheHostProgram.StartAsync(Data);
        Assert.Equal(["scan"], await after.AskAsync(1));
        Assert.Contains("The snapshot is refused", after.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_costs_snapshots_and_the_log_and_no_recall()
    {
        Peer.RequireRoot();
        Directory.CreateDirectory(_folder["data"]);
        Peer.Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", _folder["data"]);
        try
        {
            await using (InsightCacheHostProgram host = await InsightCacheHostProgram.StartAsync(Data))
            {
                await host.SetDefinitionsAsync();
                await host.VoteAsync("clean", Enumerable.Range(0, 2000));
                Fill(Path.Combine(_folder["data"], "filler"));

                await host.SendAsync(HttpMethod.Post, "/v1/snapshot", expected: HttpStatusCode.ServiceUnavailable);
                await host.VoteAsync("infected", Enumerable.Range(0, 40));
                Assert.Equal(["scan", "clean"], await host.AskAsync(3, 1000));
                Assert.Equal("Degraded", await host.Status.GetStringAsync("/health/ready", TestContext.Current.CancellationToken));

                File.Delete(Path.Combine(_folder["data"], "filler"));
                await host.VoteAsync("infected", 50);
                Assert.Equal("Healthy", await host.Status.GetStringAsync("/health/ready", TestContext.Current.CancellationToken));
                await host.SendAsync(HttpMethod.Post, "/v1/snapshot", expected: HttpStatusCode.NoContent);
                await host.KillAsync();
            }

            await using InsightCacheHostProgram after = await InsightCacheHostProgram.StartAsync(Data);
            Assert.Equal(["scan", "scan", "clean"], await after.AskAsync(3, 50, 1000));
        }
        finally
        {
            Peer.Run("umount", _folder["data"]);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static void Fill(string path)
    {
        using FileStream filler = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                filler.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }
}
