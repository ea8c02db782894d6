using Microsoft.Extensions.Logging;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Shares what this server is told with the other servers of its cluster, and applies what they were told. Safe for concurrent use.</summary>
/// <remarks>See the README beside this file.</remarks>
internal sealed partial class Replicator
{
    private readonly CacheServer _server;
    private readonly ISharedLog _log;
    private readonly ReplicationOptions _options;
    private readonly ILogger _logger;
    private readonly EntrySeal _seal;
    private ReplayGuard _guard;
    private readonly Outbox _outbox;
    private readonly HeldVotes _held = new();
    private readonly ReplicationLag _lag;
    private readonly UInt128 _self = new((ulong)Random.Shared.NextInt64(), (ulong)Random.Shared.NextInt64());
    private readonly TimeSpan _pulseInterval;

    /// <summary>Held while it is looked whether votes are retracted and they are counted, and while a retraction is noted.</summary>
    private readonly Lock _counting = new();

    /// <summary>Initializes a new instance of the <see cref="Replicator"/> class.</summary>
    /// <param name="server">Whose votes, recalls and definitions are shared.</param>
    /// <param name="log">The log.</param>
    /// <param name="options">How servers believe each other.</param>
    /// <param name="logger">Where it is told what goes wrong.</param>
    public Replicator(CacheServer server, ISharedLog log, ReplicationOptions options, ILogger logger)
    {
        _server = server;
        _log = log;
        _options = options;
        _logger = logger;
        _seal = new EntrySeal(options.SecretBytes(), log.Name);
        _outbox = new Outbox(options.MaxWaiting);
        _lag = new ReplicationLag(server.Store.Clock, options.MaxLag);
        _pulseInterval = PulseIntervalOf(options.MaxLag);
        _guard = new ReplayGuard(options.CatchUp, options.MaxClockSkew, []);
    }

    private DateTimeOffset Now => _server.Store.Clock.Now;

    public ReplicationCounters Counters { get; } = new();

    public TimeSpan Lag => _lag.Value;

    /// <summary>Gets a value indicating whether votes wait until this server has caught up, since it may have missed a recall.</summary>
    public bool IsHolding => _lag.IsOverLimit || _lag.IsAwaiting(_guard);

    /// <summary>Gets how many contents have votes that wait for that.</summary>
    public int Held => _held.Contents;

    /// <summary>Gets how many entries wait for the log.</summary>
    public int Waiting => _outbox.Count;

    /// <summary>Goes on where the snapshot that was read back was begun; only before <see cref="RunAsync"/>.</summary>
    public void Resume(LogPosition? position)
    {
        if (position is null || position.Log != _log.Name)
        {
            return;
        }

        _guard = new ReplayGuard(_options.CatchUp, _options.MaxClockSkew, position.Servers);
        _position = position.Last;
        foreach (SharedRetraction retraction in position.Retractions)
        {
            _retractions[(retraction.Tenant, retraction.Client)] = retraction;
            NoteLast(retraction.Tenant, retraction.Until);
        }

        foreach ((string tenant, DateTimeOffset last) in position.LastRetractions ?? new Dictionary<string, DateTimeOffset>())
        {
            NoteLast(tenant, last);
        }
    }

    /// <summary>Shares until it is told to end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ObserveServer();
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] halves = [PublishAsync(end.Token), FollowAsync(end.Token)];
        await Task.WhenAny(halves).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(halves).ConfigureAwait(false);
        }
        finally
        {
            await PublishLastAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Shares the votes of a batch from which others learn something, or keeps them until this server has caught up.</summary>
    /// <param name="client">Who votes.</param>
    /// <param name="holder">Which of its machines.</param>
    /// <param name="header">The scope.</param>
    /// <param name="keys">All contents of the batch.</param>
    /// <param name="news">One bit for each that is to be shared or kept.</param>
    /// <param name="hold">Whether they did not count yet.</param>
    public void Share(ClientIdentity client, uint holder, in FrameHeader header, ReadOnlySpan<byte> keys, ReadOnlySpan<byte> news, bool hold)
    {
        byte[] chosen = Choose(keys, news);
        if (chosen.Length == 0)
        {
            return;
        }

        bool isKept = hold
            ? _held.TryAdd(new HeldVotes.Batch(client, holder, header with { Count = chosen.Length / ContentHash.Size }, chosen, Now))
            : _outbox.TryAdd(
                EntryKind.Votes,
                new SharedVotes(client.Tenant, NameOf(client), client.Has(ClientRoles.TrustedScanner), header.Lane.Value, header.Definitions.Sequence, header.Definitions.Digest.ToString("x32", null))
                    .Write(chosen),
                Now);
        if (!isKept)
        {
            Counters.AddDropped();
        }
    }

    /// <summary>Shares a client's report of its definitions that is still short of a quorum.</summary>
    public void Share(ClientIdentity client, DefinitionsDocument definitions)
        => _outbox.TryAdd(EntryKind.Report, Write(new SharedReport(client.Tenant, NameOf(client), definitions), EntryJson.Default.SharedReport), Now);

    /// <summary>Refuses from now on what a client has voted at other servers; what was taken of it by then is counted when this returns.</summary>
    public void BeginRetraction(string tenant, string client) => Note(new SharedRetraction(tenant, client, Now));

    /// <summary>Shares that everything a client has voted until now is retracted.</summary>
    public void ShareRetraction(string tenant, string client)
    {
        SharedRetraction retraction = new(tenant, client, Now);
        Note(retraction);
        Put(retraction);
    }

    /// <summary>Gets when votes of some client of a tenant were last retracted, or when that was heard of: it may have been long on its way. Which of the tenant's shared verdicts rest on them, nobody can tell.</summary>
    public DateTimeOffset LastRetraction(string tenant) => _lastRetractions.GetValueOrDefault(tenant);

    /// <summary>Gets how far the log was read; to be asked before the first bucket of a snapshot is copied.</summary>
    public LogPosition Position() => new(_log.Name, Volatile.Read(ref _position), _guard.Heard(Now), [.. _retractions.Values], _lastRetractions.ToDictionary());

    /// <summary>Often enough that a lag within the limit never looks like one beyond it.</summary>
    internal static TimeSpan PulseIntervalOf(TimeSpan maxLag) => TimeSpan.FromMilliseconds(Math.Min(maxLag.TotalMilliseconds / 10, 5000));

    private static string NameOf(ClientIdentity client) => client.IsAuthenticated ? client.Name : "";

    private static byte[] Choose(ReadOnlySpan<byte> keys, ReadOnlySpan<byte> bits)
    {
        byte[] chosen = new byte[keys.Length];
        int length = 0;
        for (int i = 0; i < keys.Length / ContentHash.Size; i++)
        {
            if ((bits[i >> 3] >> (i & 7) & 1) != 0)
            {
                keys.Slice(i * ContentHash.Size, ContentHash.Size).CopyTo(chosen.AsSpan(length));
                length += ContentHash.Size;
            }
        }

        return chosen[..length];
    }

    private void Note(SharedRetraction retraction)
    {
        lock (_counting)
        {
            _retractions[(retraction.Tenant, retraction.Client)] = retraction;
        }

        NoteLast(retraction.Tenant, Now > retraction.Until ? Now : retraction.Until);
    }

    private void NoteLast(string tenant, DateTimeOffset last) => _lastRetractions.AddOrUpdate(tenant, last, (_, known) => known > last ? known : last);

    private void ObserveServer()
    {
        _server.Store.Recalls.OnOwnChange = recall => Put(SharedRecall.Of(recall, _server.Clients));
        _server.Store.Lanes.OnDecided = (tenant, definitions, decided) =>
        {
            SharedDefinitions shared = new(tenant, definitions, decided);
            _decided[shared.Name] = shared;
            Put(shared);
        };
    }
}
