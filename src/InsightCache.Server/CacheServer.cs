using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The parts of a server, what they keep on disk, and what concerns more than one of them. Safe for concurrent use.</summary>
internal sealed class CacheServer : IHostedService, IAsyncDisposable
{
    private readonly InsightCacheServerOptions _options;
    private readonly ILogger _logger;
    private readonly DataFolder? _folder;
    private readonly ProvenanceLog? _log;
    private readonly SnapshotFile? _snapshot;
    private readonly SemaphoreSlim _snapshotting = new(1);
    private bool _isDisposed;

    /// <summary>Initializes a new instance of the <see cref="CacheServer"/> class: takes the memory and the data folder, and reads back what concerns trust.</summary>
    /// <exception cref="InvalidDataException">A file of the data folder was changed, or is another server's.</exception>
    /// <exception cref="IOException">The data folder cannot be used.</exception>
    /// <exception cref="InsufficientMemoryException">There is not so much memory.</exception>
    public CacheServer(IOptions<InsightCacheServerOptions> options, IOptions<AccessOptions> access, TimeProvider time, ILogger<CacheServer> logger)
    {
        _options = options.Value;
        _logger = logger;
        ServerClock clock = new(time);
        ServerKey key;
        RecallRegister recalls;
        if (_options.DataFolder is { } path)
        {
            _folder = new DataFolder(path);
            key = ServerKey.Open(_folder.Key);
            recalls = new RecallRegister(_options.Recall, clock, logger, (SealedJournal.Open(_folder.Recalls, key, out List<string> changes), changes));
            Clients = new ClientRegistry((SealedJournal.Open(_folder.Clients, key, out List<string> names), names));
            _log = new ProvenanceLog(_folder.Log, _options.LogLimit, clock, logger);
        }
        else
        {
            Log.NothingIsKept(logger);
            key = ServerKey.Create();
            recalls = new RecallRegister(_options.Recall, clock, logger);
            Clients = new ClientRegistry();
        }

        long memory = Math.Max(InsightCacheServerOptions.MinMemory, MemorySize.Parse(_options.Memory, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
        Store = new VerdictStore(_options, memory, key.Table, clock, recalls, _log);
        _snapshot = _folder is null ? null : new SnapshotFile(_folder.Snapshot, key, Store);
        Credentials = new CredentialBook(access.Value, Clients);
        Gate = new ClientGate(access.Value, _options, Credentials);
        recalls.OnChange = recall =>
        {
            Store.Forget(recall.Tenant, recall.Hash);
            Log.ContentRecalled(_logger, recall.Hash.ToString(), recall.Lifted ? "lifted" : recall.Threat ?? "no name was given");
        };
        Store.Lanes.OnLearnt = (lane, definitions) => Log.DefinitionsLearnt(_logger, lane.ToString(), definitions.Version, definitions.Sequence);
        if (_options.OpenVoting)
        {
            Log.OpenVotingIsOn(logger);
        }
    }

    public InsightCacheServerOptions Options => _options;

    public VerdictStore Store { get; }

    public ClientRegistry Clients { get; }

    public CredentialBook Credentials { get; }

    public ClientGate Gate { get; }

    /// <summary>Gets when the last snapshot was written.</summary>
    public DateTimeOffset? LastSnapshot { get; private set; }

    /// <summary>Gets a value indicating whether what was kept is read back, so that answers are as good as they get.</summary>
    public bool IsReady { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_snapshot is not null)
        {
            try
            {
                if (_snapshot.Restore(cancellationToken) is { } created)
                {
                    LastSnapshot = created;
                    Log.SnapshotRestored(_logger, Store.Table.Count, created);
                }
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                Store.Table.Clear();
                Log.SnapshotRefused(_logger, e.Message);
            }
        }

        IsReady = true;
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await TryWriteSnapshotAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            Log.SnapshotFailed(_logger, e);
        }
    }

    /// <summary>Writes a snapshot; what goes wrong is logged, and the snapshot before stands.</summary>
    /// <returns><see langword="false"/> if none was written.</returns>
    public async Task<bool> TryWriteSnapshotAsync(CancellationToken cancellationToken)
    {
        if (_snapshot is null)
        {
            return false;
        }

        await _snapshotting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            LastSnapshot = await Task.Run(() => _snapshot.Write(cancellationToken), cancellationToken).ConfigureAwait(false);
            Store.Recalls.Compact();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.SnapshotFailed(_logger, e);
            return false;
        }
        finally
        {
            _snapshotting.Release();
        }
    }

    /// <summary>Makes the header of a JSON request as a frame would have it.</summary>
    /// <exception cref="ArgumentException">A name is too long.</exception>
    public FrameHeader HeaderOf(ClientIdentity client, ScopeDocument scope, FrameKind kind, int count)
    {
        LaneId lane = LaneId.Of(scope.Engine, scope.Profile);
        DefinitionsStamp stamp = scope is { Sequence: { } sequence, Digest: { } digest } ? DefinitionsStamp.Of(sequence, digest)
            : scope.Sequence is not null || scope.Digest is not null ? throw new ArgumentException("scope: sequence and digest are stated together or not at all.")
            : Store.Lanes.Find(client.Tenant, lane)?.Generations is [{ } current, ..] ? current.Stamp
            : default;
        return new FrameHeader(kind, WantsLeases: false, count, lane, stamp);
    }

    /// <summary>Counts votes.</summary>
    public VoteAnswerFrame Vote(
        ClientIdentity client, uint holder, in FrameHeader header, ReadOnlySpan<byte> keys, ReadOnlySpan<byte> verdicts, IReadOnlyList<string?>? threats = null)
        => Store.Vote(client, holder, header, keys, verdicts, threats);

    /// <summary>Takes a client's report of its definitions. Where anyone votes, one word is enough, as with the original product.</summary>
    public DefinitionsResponse Report(ClientIdentity client, DefinitionsDocument definitions)
        => Store.Lanes.Report(client, definitions, client.IsAuthenticated ? _options.Definitions.Quorum : 1);

    /// <summary>Has an administrator set the definitions of a lane.</summary>
    public DefinitionsResponse SetDefinitions(string tenant, DefinitionsDocument definitions) => Store.Lanes.Set(tenant, definitions);

    /// <summary>Finds the clients that voted for a content, or relied on its being clean.</summary>
    public async Task<RecallReport> ConcernedByAsync(string tenant, ContentHash hash, CancellationToken cancellationToken)
    {
        Store.Recalls.TryFind(tenant, hash, out Recall? recall);
        if (_log is null)
        {
            return new RecallReport { Recall = recall?.Describe(), Voters = [], Relied = [], CompleteSince = DateTimeOffset.MaxValue };
        }

        ProvenanceReader reader = await _log.ReadAsync(cancellationToken).ConfigureAwait(false);
        var (voters, relied) = await Task.Run(() => reader.MentionsOf(Store.Fingerprint(hash)), cancellationToken).ConfigureAwait(false);
        return new RecallReport
        {
            Recall = recall?.Describe(),
            Voters = Describe(voters, tenant),
            Relied = Describe(relied, tenant),
            CompleteSince = TimeOf(reader.CompleteSince),
        };
    }

    /// <summary>Takes back everything that a client ever voted clean.</summary>
    /// <returns><see langword="null"/> if there is no such client.</returns>
    public async Task<RetractionDocument?> RetractAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        uint voter = Clients.Find(tenant, name);
        if (voter == 0 && name != "anonymous")
        {
            return null;
        }

        HashSet<ulong> votes = [];
        DateTimeOffset completeSince = DateTimeOffset.MaxValue;
        if (_log is not null)
        {
            ProvenanceReader reader = await _log.ReadAsync(cancellationToken).ConfigureAwait(false);
            votes = await Task.Run(() => reader.VotesOf(voter), cancellationToken).ConfigureAwait(false);
            completeSince = TimeOf(reader.CompleteSince);
        }

        long removed = await Task.Run(() => Store.Retract(tenant, voter, votes, completeSince), cancellationToken).ConfigureAwait(false);
        Store.Recalls.Advance();
        Log.VotesRetracted(_logger, name, removed);
        return new RetractionDocument(name, removed, completeSince);
    }

    /// <summary>Takes over the verdicts of a bundle.</summary>
    /// <exception cref="InvalidDataException">It is refused.</exception>
    public ImportDocument Import(string tenant, FileStream file, CancellationToken cancellationToken)
    {
        ECDsa[] keys = [.. _options.Bundles.TrustedKeys.Select(BundleKeys.ReadPublic)];
        try
        {
            ImportDocument done = new BundleFile(Store, tenant).Import(
                file,
                keys,
                (voter, fingerprints) => _log?.AddAll(LogRecordKind.Voted, Clients.IdOf(tenant, voter), fingerprints.Span),
                cancellationToken);
            Log.BundleImported(_logger, done.Imported, done.Skipped, done.Signer);
            return done;
        }
        finally
        {
            Array.ForEach(keys, static key => key.Dispose());
        }
    }

    /// <summary>Gets the server's figures.</summary>
    public StatusDocument Describe() => new()
    {
        Version = typeof(CacheServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
        Started = Store.Clock.Start,
        Items = Store.Table.Count + Store.Pending,
        ItemsVotedClean = Store.Table.Count,
        ItemsPending = Store.Pending,
        CacheRequests = Store.Counters.LookupRequests,
        UpdateRequests = Store.Counters.VoteRequests,
        Lookups = Store.Counters.Lookups,
        Hits = Store.Counters.Hits,
        Leases = Store.Counters.Leases,
        Waits = Store.Counters.Waits,
        Votes = Store.Counters.Votes,
        Recalls = Store.Recalls.Count,
        RecallEpoch = Store.Recalls.Epoch,
        Evictions = Store.Table.Counters[TableEvent.EvictedForCapacity],
        MemoryUsed = (long)(Store.Bytes * ((double)(Store.Table.Count + Store.Pending) / (Store.Table.Capacity + Store.PendingCapacity))),
        MemoryLimit = Store.Bytes,
        Capacity = Store.Table.Capacity,
        Clients = Clients.Count,
        LastSnapshot = LastSnapshot,
        Lanes = Store.Lanes.Describe(tenant: null),
    };

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (_log is not null)
        {
            await _log.DisposeAsync().ConfigureAwait(false);
        }

        Gate.Dispose();
        Credentials.Dispose();
        Store.Dispose();
        Store.Recalls.Dispose();
        Clients.Dispose();
        _snapshotting.Dispose();
        _folder?.Dispose();
    }

    private static DateTimeOffset TimeOf(uint second) => second == uint.MaxValue ? DateTimeOffset.MaxValue : ServerClock.TimeOf(second);

    private IReadOnlyList<ClientMention> Describe(Dictionary<uint, ProvenanceReader.Mention> mentions, string tenant)
        =>
        [
            .. mentions.Where(mention => Clients.TenantOf(mention.Key) == tenant)
                .Select(mention => new ClientMention(
                    Clients.NameOf(mention.Key), ServerClock.TimeOf(mention.Value.First), ServerClock.TimeOf(mention.Value.Last), mention.Value.Times))
                .OrderBy(static mention => mention.Client, StringComparer.Ordinal),
        ];
}
