using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.InsightCache.Server.Tests.Store;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.InsightCache.Server.Redis.Tests;

/// <summary>A cache server of a cluster, without its wire.</summary>
internal sealed class Node : IAsyncDisposable
{
    public const string Name = "test";

    public static readonly string Secret = Convert.ToBase64String(Enumerable.Range(0, 32).Select(static i => (byte)i).ToArray());

    private readonly CancellationTokenSource _end = new();
    private readonly RedisConnection _connection;
    private readonly Task _sharing;

    public Node(string redis, Action<ReplicationOptions>? replication = null, Action<InsightCacheServerOptions>? cache = null)
    {
        ReplicationOptions options = new() { Secret = Secret, PollInterval = TimeSpan.FromMilliseconds(5), SecondLevelBudget = TimeSpan.FromSeconds(5) };
        replication?.Invoke(options);
        InsightCacheServerOptions cacheOptions = new() { Memory = "2MiB", SnapshotInterval = TimeSpan.Zero };
        cache?.Invoke(cacheOptions);
        IOptions<InsightCacheRedisOptions> where = Options.Create(new InsightCacheRedisOptions { Configuration = redis, Name = Name });
        _connection = new RedisConnection(where);
        Server = new CacheServer(
            Options.Create(cacheOptions),
            Options.Create(new AccessOptions()),
            TimeProvider.System,
            Logger,
            new RedisLog(_connection, where),
            new RedisVerdicts(_connection),
            Options.Create(options));
        Server.StartingAsync(CancellationToken.None).GetAwaiter().GetResult();
        _sharing = Task.WhenAll(Replicator.RunAsync(_end.Token), Server.SecondLevel?.RunAsync(_end.Token) ?? Task.CompletedTask);
    }

    public FakeLogger<CacheServer> Logger { get; } = new();

    public CacheServer Server { get; }

    public Replicator Replicator => Server.Replicator!;

    public static async Task<Node> StartAsync(string redis, Action<ReplicationOptions>? replication = null, Action<InsightCacheServerOptions>? cache = null)
    {
        Node node = new(redis, replication, cache);
        await Wait.UntilAsync(() => !node.Replicator.IsHolding, "the server has caught up");
        return node;
    }

    public Machine Client(string name, ClientRoles roles = ClientRoles.Ask | ClientRoles.Vote, string tenant = ClientIdentity.DefaultTenant)
        => new(Server, new ClientIdentity(Server.Clients.IdOf(tenant, name), name, tenant, roles), holder: 1);

    public Machine Trusted() => Client("scanner", ClientRoles.Ask | ClientRoles.TrustedScanner);

    public void Learn(long sequence) => Server.SetDefinitions(ClientIdentity.DefaultTenant, Fleet.Definitions(sequence));

    public bool Has(long sequence) => Server.Store.Lanes.Lanes.Any(lane => lane.Generations is [{ } current, ..] && current.Stamp.Sequence == sequence);

    public bool IsClean(int content) => Client("asker").Ask(content) == Protocol.LookupAnswer.Clean;

    public bool IsRecalled(int content) => Server.Store.Recalls.Contains(ClientIdentity.DefaultTenant, Fleet.Content(content));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _sharing);
        await Server.StopAsync(CancellationToken.None);
        await Server.DisposeAsync();
        await _connection.DisposeAsync();
        _end.Dispose();
    }
}
