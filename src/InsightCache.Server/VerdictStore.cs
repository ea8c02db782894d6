using System.Collections.Immutable;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The cache itself: what is clean, who has voted, who scans, what is recalled. Knows nothing of requests or disks. Safe for concurrent use.</summary>
/// <remarks>
/// The order of writes is what keeps it honest: a recall is in the register before the verdict leaves the table. A verdict enters the table under the lock under which it is
/// looked whether its content is recalled, and under which a recall takes it away: whichever comes first, no answer that knows of the recall finds the verdict.
/// </remarks>
internal sealed partial class VerdictStore : IGenerationMarks, IDisposable
{
    /// <summary>One part in so many of the memory is for votes and leases.</summary>
    private const int PendingShare = 10;

    /// <summary>Locks, so that contents seldom wait for each other.</summary>
    private const int AddingLocks = 256;

    private readonly InsightCacheServerOptions _options;
    private readonly TableSecret _secret;
    private readonly ProvenanceLog? _log;
    private readonly PendingTable _pending;
    private readonly Lock[] _adding = new Lock[AddingLocks];

    /// <summary>Held for reading while a batch of votes is counted and logged.</summary>
    private readonly ReaderWriterLockSlim _counting = new();

    private readonly long[] _retiredInPass = new long[256 * 256];
    private readonly uint _leaseSeconds;
    private SweepPosition _sweepPosition;
    private long _sweepPass = 1;
    private long _sweepUntil = 3;
    private ushort _sweptHour;
    private long _scanMilliseconds = 2000;

    /// <summary>Initializes a new instance of the <see cref="VerdictStore"/> class.</summary>
    /// <param name="options">How it remembers, believes and forgets.</param>
    /// <param name="bytes">The memory that it takes, in bytes.</param>
    /// <param name="secret">What decides where entries live.</param>
    /// <param name="clock">The server's time.</param>
    /// <param name="recalls">The recalls.</param>
    /// <param name="log">Where it is kept who voted and who relied; <see langword="null"/> for nowhere.</param>
    public VerdictStore(InsightCacheServerOptions options, long bytes, TableSecret secret, ServerClock clock, RecallRegister recalls, ProvenanceLog? log)
    {
        _options = options;
        _secret = secret;
        _log = log;
        Clock = clock;
        Recalls = recalls;
        _pending = new PendingTable(bytes / PendingShare);
        Table = VerdictTable.Create(bytes - _pending.Bytes, secret, options.CompactKeys);
        Lanes = new LaneRegistry(options.Definitions, this, clock);
        _leaseSeconds = (uint)options.LeaseTime.TotalSeconds;
        for (int i = 0; i < AddingLocks; i++)
        {
            _adding[i] = new Lock();
        }
    }

    public ServerClock Clock { get; }

    public RecallRegister Recalls { get; }

    public LaneRegistry Lanes { get; }

    public VerdictTable Table { get; }

    public CacheCounters Counters { get; } = new();

    /// <summary>Gets or sets what is told of each content that was voted clean, if its verdict is kept elsewhere too.</summary>
    public VerdictReached OnClean { get; set; } = static (_, _, _, _, _) => { };

    /// <summary>Gets how many contents others must still vote for or are being scanned.</summary>
    public long Pending => _pending.Count;

    /// <summary>Gets how many of them there is room for.</summary>
    public long PendingCapacity => _pending.Bytes / PendingSlot.Size;

    /// <summary>Gets the native memory that verdicts, votes and leases take.</summary>
    public long Bytes => Table.Bytes + _pending.Bytes;

    void IGenerationMarks.Begin(byte lane, byte generation)
    {
        if (_retiredInPass[(lane << 8) | generation] is var retired && retired != 0 && Volatile.Read(ref _sweepPass) < retired + 2)
        {
            // The number went round before the sweep did. Nobody changes definitions so fast in earnest, and nothing old may come to life.
            RemoveWhere(new OfGeneration(lane, generation));
        }

        Table.SetAlive(lane, generation, alive: true);
    }

    void IGenerationMarks.Retire(byte lane, byte generation)
    {
        // In this order: a pass that ends meanwhile may have judged entries by what held before, and does not count.
        Table.SetAlive(lane, generation, alive: false);
        _retiredInPass[(lane << 8) | generation] = Volatile.Read(ref _sweepPass);
        SweepAll();
    }

    /// <summary>Takes numbers of generations that a snapshot has left verdicts of, and that are not begun again, for retired.</summary>
    public void DistrustAllGenerations()
    {
        Array.Fill(_retiredInPass, Volatile.Read(ref _sweepPass));
        SweepAll();
    }

    /// <summary>Takes dead verdicts out of the next part of the table, less than a millisecond; nothing once all of it was looked through since verdicts died last. One caller at a time.</summary>
    /// <returns>Whether there was something to look through.</returns>
    public bool Sweep()
    {
        ushort hour = Clock.Hour;
        if (hour != _sweptHour)
        {
            _sweptHour = hour;
            SweepAll();
        }

        if (Volatile.Read(ref _sweepPass) >= Volatile.Read(ref _sweepUntil))
        {
            return false;
        }

        Table.Sweep(ref _sweepPosition, VerdictTable.SliceBuckets, hour);
        if (_sweepPosition.Bucket == 0)
        {
            Interlocked.Increment(ref _sweepPass);
        }

        return true;
    }

    /// <summary>Makes room as the original product does, if that is wanted.</summary>
    public void FreeOldest()
    {
        if (_options.Eviction == EvictionRule.OldestFirst && Table.Count > Table.Capacity * 0.95)
        {
            Table.FreeOldest(_options.ShareToFree / 100.0);
        }
    }

    /// <summary>Takes the verdict of a recalled content away.</summary>
    public void Forget(string tenant, ContentHash hash)
    {
        Span<byte> key = stackalloc byte[ContentHash.Size];
        hash.CopyTo(key);
        ulong fingerprint = Table.Fingerprint(key);
        foreach (Lane lane in Lanes.Lanes)
        {
            if (lane.Tenant == tenant)
            {
                lock (AddingLockOf(fingerprint))
                {
                    Table.Remove(key, lane.Index);
                }

                _pending.Remove(Place(fingerprint, lane), key, lane.Index);
            }
        }
    }

    /// <summary>Takes away what a voter has said for contents that are not clean yet. What it has made clean by then is in the table and in the log when this returns.</summary>
    public void WithdrawVotes(uint voter)
    {
        // Its own batches, and then those that reached a threshold with its votes before these were gone.
        AwaitBatches();
        _pending.RemoveVoter(voter);
        AwaitBatches();
    }

    /// <summary>Takes away every verdict to which a voter contributed, or may have before the log began.</summary>
    /// <param name="tenant">The voter's tenant.</param>
    /// <param name="votes">The fingerprints of what the log knows that it voted for, read after its votes were withdrawn.</param>
    /// <param name="completeSince">Since when the log knows everything.</param>
    /// <returns>How many verdicts went.</returns>
    public long Retract(string tenant, HashSet<ulong> votes, DateTimeOffset completeSince)
    {
        bool[] lanes = new bool[256];
        foreach (Lane lane in Lanes.Lanes)
        {
            lanes[lane.Index] = lane.Tenant == tenant;
        }

        return RemoveWhere(new OfVoter(this, lanes, votes, completeSince == DateTimeOffset.MaxValue ? int.MaxValue : Clock.HourOf(completeSince)));
    }

    /// <summary>Lists what is known of a content.</summary>
    public IReadOnlyList<FileInLane> Describe(string tenant, ContentHash hash)
    {
        byte[] key = new byte[ContentHash.Size];
        hash.CopyTo(key);
        List<FileInLane> clean = [];
        Span<byte> found = stackalloc byte[1];
        Span<byte> aged = stackalloc byte[1];
        foreach (Lane lane in Lanes.Lanes.Where(lane => lane.Tenant == tenant))
        {
            ImmutableArray<Generation> generations = lane.Generations;
            foreach (Generation generation in generations)
            {
                Table.Find(key, AcceptedGenerations.Exactly(lane.Index, generation.Index), Clock.Hour, found, aged, []);
                if (found[0] != 0)
                {
                    clean.Add(new FileInLane(lane.Engine, lane.Profile, generation.Stamp.Sequence, generation == generations[0]));
                }
            }
        }

        return clean;
    }

    /// <summary>Gets the fingerprint under which the log knows a content.</summary>
    public ulong Fingerprint(ContentHash hash)
    {
        Span<byte> key = stackalloc byte[ContentHash.Size];
        hash.CopyTo(key);
        return Table.Fingerprint(key);
    }

    /// <summary>Gets the fingerprint under which the log would know a content if the table kept keys of the other form, as it may have done.</summary>
    public ulong FormerFingerprint(ContentHash hash)
    {
        Span<byte> key = stackalloc byte[ContentHash.Size];
        hash.CopyTo(key);
        return Table.KnowsKeys ? VerdictTable.Fingerprint<CompactKeys>(_secret, key) : VerdictTable.Fingerprint<FullKeys>(_secret, key);
    }

    public void Dispose()
    {
        Table.Dispose();
        _pending.Dispose();
        _counting.Dispose();
    }

    /// <summary>Gets how many hours a verdict lasts: within a fifth of the set time, by the content, so that verdicts that came together do not end together.</summary>
    internal int LifetimeOf(ulong fingerprint)
    {
        double spread = 0.8 + (0.4 * ((fingerprint >> 40) & 0xFFFF) / 0x10000);
        return Math.Max(1, (int)(_options.TimeToLive.TotalHours * spread));
    }

    /// <summary>Has the sweep go on until a whole pass has begun and ended from now on: verdicts died, by the hour or with their generation.</summary>
    private void SweepAll()
    {
        long until = Volatile.Read(ref _sweepPass) + 2;
        for (long seen = Volatile.Read(ref _sweepUntil); seen < until; seen = Volatile.Read(ref _sweepUntil))
        {
            // Only ever later: of two that say so at once, one may have looked at the pass before it ended.
            Interlocked.CompareExchange(ref _sweepUntil, until, seen);
        }
    }

    /// <summary>Waits until the batches that are being counted are counted and logged.</summary>
    private void AwaitBatches()
    {
        _counting.EnterWriteLock();
        _counting.ExitWriteLock();
    }

    private static Generation? Find(ImmutableArray<Generation> generations, DefinitionsStamp stamp)
    {
        foreach (Generation generation in generations)
        {
            if (generation.Stamp == stamp)
            {
                return generation;
            }
        }

        return null;
    }

    /// <summary>Gets what is held while a content is looked for among the recalls and its verdict added, and while a recall removes it.</summary>
    private Lock AddingLockOf(ulong fingerprint) => _adding[fingerprint % AddingLocks];

    private ulong Place(ulong fingerprint, Lane lane) => _secret.Place(fingerprint, lane.Index);

    private long RemoveWhere<TRule>(TRule rule)
        where TRule : struct, IEntryRule
    {
        long removed = 0;
        using TablePass pass = Table.BeginPass();
        while (!pass.IsComplete)
        {
            removed += Table.RemoveWhere(pass, VerdictTable.SliceBuckets, ref rule);
        }

        return removed;
    }

    private readonly struct OfGeneration(byte lane, byte generation) : IEntryRule
    {
        public bool Matches(in StoredEntry entry) => entry.Lane == lane && entry.Generation == generation;
    }

    /// <summary>What a voter voted for, and what rests on a vote from when the log did not know everything yet.</summary>
    private readonly struct OfVoter(VerdictStore store, bool[] lanes, HashSet<ulong> votes, int completeSince) : IEntryRule
    {
        public bool Matches(in StoredEntry entry)
            => lanes[entry.Lane] && (votes.Contains(entry.Fingerprint) || entry.Expiry - store.LifetimeOf(entry.Fingerprint) <= completeSince);
    }
}
