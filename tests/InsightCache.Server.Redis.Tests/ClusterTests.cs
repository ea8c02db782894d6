using System.Globalization;
using StackExchange.Redis;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.InsightCache.Server.Redis.Tests;

/// <summary>Three masters on this machine, each with a third of the slots.</summary>
public sealed class ClusterTests
{
    private static readonly int[] Contents = [.. Enumerable.Range(0, 600)];

    [Fact]
    public async Task A_batch_is_read_from_all_nodes_of_a_cluster_and_what_a_dead_node_had_is_unknown()
    {
        Peer.Require("redis-cli");
        await using RedisServer first = await StartNodeAsync();
        await using RedisServer second = await StartNodeAsync();
        await using RedisServer third = await StartNodeAsync();
        RedisServer[] all = [first, second, third];
        Peer.Run("redis-cli", ["--cluster", "create", .. all.Select(AddressOf), "--cluster-replicas", "0", "--cluster-yes"]);
        await Wait.UntilAsync(() => all.All(IsComplete), "the cluster is complete");
        await using ConnectionMultiplexer raw = await ConnectionMultiplexer.ConnectAsync(string.Join(',', all.Select(AddressOf)));
        RedisServer ofLog = all[OwnerOf(raw, "ic:{test}:log", all)];
        await using Node a = await Node.StartAsync(
            string.Join(',', all.Select(AddressOf)) + ",connectTimeout=1000,asyncTimeout=2000,keepAlive=1",
            static options => (options.SecondLevel, options.SecondLevelBudget) = (true, TimeSpan.FromSeconds(5)));
        a.Learn(1);
        a.Trusted().Vote(Contents);
        await Wait.UntilAsync(() => SecondLevelTests.KeysOf(raw).Length == Contents.Length, "written to all nodes");
        a.Server.Store.Table.Clear();

        await SecondLevelTests.FetchAsync(a, Contents);
        Assert.Equal(Contents.Length, Contents.Count(a.IsClean));

        // A node that is not the log's: recalls go on, and so does what the other two keep.
        all.First(node => node != ofLog).Kill();
        a.Server.Store.Table.Clear();
        await Wait.UntilAsync(() => a.Server.Store.Table.Count == 0, "empty");
        await SecondLevelTests.FetchAsync(a, Contents);
        int left = Contents.Count(a.IsClean);
        Assert.InRange(left, 300, 500);
        a.Server.Store.Recalls.RecallForGood("default", Server.Tests.Store.Fleet.Content(Contents.First(a.IsClean)), null);
        Assert.Equal(left - 1, Contents.Count(a.IsClean));
        await Wait.UntilAsync(() => a.Replicator.Waiting == 0, "the recall is published");
    }

    private static Task<RedisServer> StartNodeAsync() => RedisServer.StartAsync(
        "--cluster-enabled", "yes", "--cluster-node-timeout", "60000", "--cluster-require-full-coverage", "no", "--cluster-announce-ip", "127.0.0.1");

    private static string AddressOf(RedisServer server) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.Port}");

    private static bool IsComplete(RedisServer server)
        => ProgramRun.Of("redis-cli", ["-p", server.Port.ToString(CultureInfo.InvariantCulture), "cluster", "info"]).Output is var info
            && info.Contains("cluster_state:ok", StringComparison.Ordinal)
            && info.Contains("cluster_known_nodes:3", StringComparison.Ordinal);

    private static int OwnerOf(ConnectionMultiplexer raw, RedisKey key, RedisServer[] all)
        => raw.GetDatabase().IdentifyEndpoint(key) is System.Net.IPEndPoint owner ? Array.FindIndex(all, server => server.Port == owner.Port) : -1;
}
