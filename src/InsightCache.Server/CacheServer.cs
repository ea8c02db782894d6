using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The parts of a server, what they keep on disk, and what concerns more than one of them. Safe for concurrent use.</summary>
internal sealed class CacheServer : IHostedLifecycleService, IAsyncDisposable
{
    private readonly InsightCacheServerOptions _options;
    private readonly ILogger _logger;
    private readonly DataFolder? _folder;
    private readonly ProvenanceLog? _log;
    private readonly SnapshotFile? _snapshot;
    private readonly ServerKey _key;
    private readonly SemaphoreSlim _snapshotting = new(1);
    private bool _isDisposed;

    /// <summary>Initializes a new instance of the <see cref="CacheServer"/> class: takes the memory and the data folder, and reads back what concerns trust.</summary>
    /// <exception cref="InvalidDataException">A file of the data folder was changed, or is another server's.</exception>
    /// <exception cref="IOException">The data folder cannot be used.</exception>
    /// <exception cref="InsufficientMemoryException">There is not so much memory.</exception>
    public CacheServer(
        IOptions<InsightCacheServerOptions> options,
        IOptions<AccessOptions> access,
        TimeProvider time,
        ILogger<CacheServer> logger,
        ISharedLog? sharedLog = null,
        ISharedVerdicts? sharedVerdicts = null,
        IOptions<ReplicationOptions>? replication = null)
    {
        _options = options.Value;
        _logger = logger;
        ServerClock clock = new(time);
        RecallRegister recalls;
        if (_options.DataFolder is { } path)
        {
            _folder = new DataFolder(path);
            _key = ServerKey.Open(_folder.Key);
            recalls = new RecallRegister(_options.Recall, clock, logger, (SealedJournal.Open(_folder.Recalls, _key, out List<string> changes), changes));
            Clients = new ClientRegistry((SealedJournal.Open(_folder.Clients, _key, out List<string> names), names));
            _log = new ProvenanceLog(_folder.Log, _options.LogLimit, clock, logger);
        }
        else
        {
            Log.NothingIsKept(logger);
            _key = ServerKey.Create();
            recalls = new RecallRegister(_options.Recall, clock, logger);
            Clients = new ClientRegistry();
        }

        long memory = Math.Max(InsightCacheServerOptions.MinMemory, MemorySize.Parse(_options.Memory, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
        Store = new VerdictStore(_options, memory, _key.Table, clock, recalls, _log);
        _snapshot = _folder is null ? null : new SnapshotFile(_folder.Snapshot, _key, Store);
        Credentials = new CredentialBook(access.Value, Clients);
        Gate = new ClientGate(access.Value, _options, Credentials);
        recalls.OnChange = recall =>
        {
            Store.Forget(recall.Tenant, recall.Hash);
            SecondLevel?.Forget(recall);
            Log.ContentRecalled(_logger, recall.Hash.ToString(), recall.Lifted ? "lifted" : recall.Threat ?? "no name was given");
        };
        Store.Lanes.OnLearnt = (lane, definitions) => Log.DefinitionsLearnt(_logger, lane.ToString(), definitions.Version, definitions.Sequence);
        Store.Lanes.OnWithdrawn = recalls.Advance;
        if (_options.OpenVoting)
        {
            Log.OpenVotingIsOn(logger);
        }

        if (sharedLog is not null && replication is not null)
        {
            Replicator = new Replicator(this, sharedLog, replication.Value, _logger);
            SecondLevel = sharedVerdicts is not null && replication.Value.SecondLevel ? new SecondLevel(this, Replicator, sharedVerdicts, replication.Value, _logger) : null;
        }
    }

    public InsightCacheServerOptions Options => _options;

    public VerdictStore Store { get; }

    public ClientRegistry Clients { get; }

    public CredentialBook Credentials { get; }

    public ClientGate Gate { get; }

    /// <summary>Gets what shares votes, recalls and definitions with other servers; <see langword="null"/> where there are none.</summary>
    public Replicator? Replicator { get; }

    /// <summary>Gets the verdicts beyond this server's memory; <see langword="null"/> if they are not asked for.</summary>
    public SecondLevel? SecondLevel { get; }

    /// <summary>Gets a value indicating whether the word of clients without credentials counts, wherever they are.</summary>
    public bool TakesStrangers => _options.OpenVoting;

    /// <summary>Gets when the last snapshot was written.</summary>
    public DateTimeOffset? LastSnapshot { get; private set; }

    /// <summary>Gets a value indicating whether what was kept is read back, so that answers are as good as they get.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Reads the snapshot back: before anything of the host is started, the web server included, in whatever order they were added. What is not verified yet must not answer.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_snapshot?.Restore(cancellationToken) is { } created)
            {
                LastSnapshot = created;
                Replicator?.Resume(LogPosition.Read(_folder!.Position, _key));
                Log.SnapshotRestored(_logger, Store.Table.Count, created);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException or OutOfMemoryException)
        {
            Store.Table.Clear();
            Log.SnapshotRefused(_logger, e.Message);
        }

        IsReady = true;
        return Task.CompletedTask;
    }

    /// <summary>Reads the snapshot back in a host that knows no <see cref="StartingAsync"/>.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => IsReady ? Task.CompletedTask : StartingAsync(cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

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

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes a snapshot; what goes wrong is logged, and the snapshot before stands.</summary>
    /// <returns><see langword="false"/> if none was written.</returns>
    public async Task<bool> TryWriteSnapshotAsync(CancellationToken cancellationToken)
    {
        // What was not read back to its end must not take the place of what it was read from.
        if (_snapshot is null || !IsReady)
        {
            return false;
        }

        await _snapshotting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // What is read from the log while the snapshot is written may not be in it, and is read again after a restart.
            LogPosition? position = Replicator?.Position();
            long epoch = Store.Recalls.Epoch;
            LastSnapshot = await Task.Run(() => _snapshot.Write(cancellationToken), cancellationToken).ConfigureAwait(false);
            position?.Write(_folder!.Position, _key);
            if (Store.Recalls.Epoch == epoch)
            {
                // Otherwise the snapshot would be older than the journal tells.
                Store.Recalls.Compact();
            }

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
    {
        if (Replicator is null)
        {
            return Store.Vote(client, holder, header, keys, verdicts, threats);
        }

        bool hold = Replicator.IsHolding;
        Span<byte> news = stackalloc byte[LookupAnswerFrame.PlaneLength(header.Count)];
        VoteAnswerFrame answer = Store.Vote(client, holder, header, keys, verdicts, threats, hold, news);
        Replicator.Share(client, holder, header, keys, news, hold);
        return answer;
    }

    /// <summary>Takes a client's report of its definitions.</summary>
    public DefinitionsResponse Report(ClientIdentity client, DefinitionsDocument definitions)
    {
        DefinitionsResponse response = CountReport(client, definitions, reported: null, out bool isNews);
        if (isNews && response.Report == DefinitionsReport.Noted)
        {
            Replicator?.Share(client, definitions);
        }

        return response;
    }

    /// <summary>Counts a report of definitions, made here or at another server. Where anyone votes, one word is enough, as with the original product.</summary>
    public DefinitionsResponse CountReport(ClientIdentity client, DefinitionsDocument definitions, DateTimeOffset? reported, out bool isNews)
        => Store.Lanes.Report(client, definitions, client.IsAuthenticated ? _options.Definitions.Quorum : 1, reported, out isNews);

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
        var (voters, relied) = await Task.Run(() => reader.MentionsOf(Store.Fingerprint(hash), Store.FormerFingerprint(hash)), cancellationToken).ConfigureAwait(false);
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

        // Once what it said elsewhere counts here no longer, what it said here is withdrawn. What others reach from then on does not rest on it: others hear of that moment.
        string shared = voter == 0 ? "" : name;
        Replicator?.BeginRetraction(tenant, shared);
        await Task.Run(() => Store.WithdrawVotes(voter), CancellationToken.None).ConfigureAwait(false);
        Replicator?.ShareRetraction(tenant, shared);
        return await RemoveVerdictsAsync(tenant, voter, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes back what this server knows of a client's votes, since they were retracted at another one.</summary>
    public Task TakeBackAsync(string tenant, string name, CancellationToken cancellationToken)
        => name.Length == 0 ? TakeBackAsync(tenant, 0, "anonymous", cancellationToken)
            : Clients.Find(tenant, name) is var voter && voter != 0 ? TakeBackAsync(tenant, voter, name, cancellationToken)
            : Task.CompletedTask;

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
        ReplicationLagSeconds = Replicator?.Lag.TotalSeconds,
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

    private async Task TakeBackAsync(string tenant, uint voter, string name, CancellationToken cancellationToken)
    {
        await Task.Run(() => Store.WithdrawVotes(voter), cancellationToken).ConfigureAwait(false);
        await RemoveVerdictsAsync(tenant, voter, name, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RetractionDocument> RemoveVerdictsAsync(string tenant, uint voter, string name, CancellationToken cancellationToken)
    {
        HashSet<ulong> votes = [];
        DateTimeOffset completeSince = DateTimeOffset.MaxValue;
        if (_log is not null)
        {
            ProvenanceReader reader = await _log.ReadAsync(cancellationToken).ConfigureAwait(false);
            votes = await Task.Run(() => reader.VotesOf(voter), cancellationToken).ConfigureAwait(false);
            completeSince = TimeOf(reader.CompleteSince);
        }

        long removed = await Task.Run(() => Store.Retract(tenant, votes, completeSince), cancellationToken).ConfigureAwait(false);
        Store.Recalls.Advance();
        Log.VotesRetracted(_logger, name, removed);
        return new RetractionDocument(name, removed, completeSince);
    }

    private IReadOnlyList<ClientMention> Describe(Dictionary<uint, ProvenanceReader.Mention> mentions, string tenant)
        =>
        [
            .. mentions.Where(mention => Clients.TenantOf(mention.Key) == tenant)
                .Select(mention => new ClientMention(
                    Clients.NameOf(mention.Key), ServerClock.TimeOf(mention.Value.First), ServerClock.TimeOf(mention.Value.Last), mention.Value.Times))
                .OrderBy(static mention => mention.Client, StringComparer.Ordinal),
        ];
}
