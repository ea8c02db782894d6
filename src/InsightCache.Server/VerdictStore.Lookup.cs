using System.Collections.Immutable;
using System.Numerics;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>Answers what clients ask.</content>
internal sealed partial class VerdictStore
{
    private const int MinComeBack = 250;
    private const int MaxComeBack = 15_000;

    /// <summary>Answers for a batch.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="holder">Which of the machines with these credentials would scan.</param>
    /// <param name="header">What the client scans with, and whether it wants leases.</param>
    /// <param name="keys">The contents' hashes, 32 bytes each.</param>
    /// <param name="clean">Gets one bit a content.</param>
    /// <param name="wait">Gets one bit a content.</param>
    /// <returns>The rest of the answer.</returns>
    public LookupSummary Lookup(ClientIdentity client, uint holder, in FrameHeader header, ReadOnlySpan<byte> keys, Span<byte> clean, Span<byte> wait)
    {
        clean.Clear();
        wait.Clear();

        // The epoch is read first: what is recalled or withdrawn while the generations and the table are read is in the next one.
        long epoch = Recalls.Epoch;
        Lane? lane = Lanes.Find(client.Tenant, header.Lane);
        ImmutableArray<Generation> generations = lane?.Generations ?? [];
        Generation? generation = Find(generations, header.Definitions);
        long current = generations.Length > 0 ? generations[0].Stamp.Sequence : 0;
        if (generation is null)
        {
            Counters.AddLookup(header.Count, 0, 0, 0);
            return new LookupSummary(DefinitionsStanding.Unknown, current, 0, epoch);
        }

        Span<ulong> fingerprints = stackalloc ulong[header.Count];
        Span<byte> aged = stackalloc byte[clean.Length];
        aged.Clear();
        Table.Find(keys, Accepted(lane!, generations, generation), Clock.Hour, clean, aged, fingerprints);
        bool isCurrent = generation == generations[0];
        int leases = 0;
        int waits = 0;
        if (header.WantsLeases && isCurrent && client.CanVote)
        {
            (leases, waits) = TakeLeases(client, holder, lane!, generation, keys, fingerprints, clean, aged, wait);
        }

        int hits = Ones(clean);
        if (hits > 0)
        {
            _log?.Add(LogRecordKind.Relied, lane!.Index, client.Id, fingerprints, clean);
        }

        Counters.AddLookup(header.Count, hits, leases, waits);
        int comeBack = waits == 0 ? 0 : (int)Math.Clamp(Volatile.Read(ref _scanMilliseconds), MinComeBack, MaxComeBack);
        return new LookupSummary(isCurrent ? DefinitionsStanding.Current : DefinitionsStanding.Older, current, comeBack, epoch);
    }

    /// <summary>Lists the contents of a batch of which nothing is known here, neither good nor bad.</summary>
    /// <returns>Their places in the batch; <see langword="null"/> if the client's definitions are not known.</returns>
    public List<int>? Misses(ClientIdentity client, in FrameHeader header, ReadOnlySpan<byte> keys, out Lane? lane, out Generation? generation)
    {
        lane = Lanes.Find(client.Tenant, header.Lane);
        ImmutableArray<Generation> generations = lane?.Generations ?? [];
        generation = Find(generations, header.Definitions);
        if (generation is null)
        {
            return null;
        }

        Span<byte> clean = stackalloc byte[LookupAnswerFrame.PlaneLength(header.Count)];
        Table.Find(keys, Accepted(lane!, generations, generation), Clock.Hour, clean, [], []);
        List<int> misses = [];
        for (int i = 0; i < header.Count; i++)
        {
            if ((clean[i >> 3] >> (i & 7) & 1) == 0 && !IsRecalled(client.Tenant, keys.Slice(i * ContentHash.Size, ContentHash.Size)))
            {
                misses.Add(i);
            }
        }

        return misses;
    }

    private static int Ones(ReadOnlySpan<byte> bits)
    {
        int ones = 0;
        foreach (byte eight in bits)
        {
            ones += BitOperations.PopCount(eight);
        }

        return ones;
    }

    /// <summary>Verdicts of the client's own definitions count, of all newer ones, and of as many older ones as the administrator accepts.</summary>
    private AcceptedGenerations Accepted(Lane lane, ImmutableArray<Generation> generations, Generation own)
    {
        int place = generations.IndexOf(own);
        Generation oldest = generations[Math.Min(place + _options.Definitions.AcceptedAge, generations.Length - 1)];
        return new AcceptedGenerations(lane.Index, oldest.Index, generations[0].Index, own.Index);
    }

    private (int Leases, int Waits) TakeLeases(
        ClientIdentity client,
        uint holder,
        Lane lane,
        Generation generation,
        ReadOnlySpan<byte> keys,
        ReadOnlySpan<ulong> fingerprints,
        Span<byte> clean,
        Span<byte> aged,
        Span<byte> wait)
    {
        int leases = 0;
        int waits = 0;
        uint second = Clock.Second;
        uint voter = client.Id | (IsEnough(client) ? Party.Trusted : 0);
        AcceptedGenerations exactly = AcceptedGenerations.Exactly(lane.Index, generation.Index);
        Span<byte> found = stackalloc byte[1];
        for (int i = 0; i < fingerprints.Length; i++)
        {
            byte bit = (byte)(1 << (i & 7));
            bool isAged = (aged[i >> 3] & bit) != 0;
            ReadOnlySpan<byte> key = keys.Slice(i * ContentHash.Size, ContentHash.Size);
            if (((clean[i >> 3] & bit) != 0 && !isAged) || IsRecalled(lane.Tenant, key))
            {
                continue;
            }

            ulong place = Place(fingerprints[i], lane);
            LeaseOutcome outcome = _pending.Lease(place, key, lane.Index, generation.Index, ServerClock.SecondOf(generation.Learnt), voter, holder, _options.VoteThreshold, second, _leaseSeconds);
            if (outcome == LeaseOutcome.Granted)
            {
                // Whoever had the lease before may have voted since the table was read, and a whole batch of its votes with it: nobody is to scan those again.
                Table.Find(key, exactly, Clock.Hour, found, [], []);
                if (found[0] != 0 && !IsRecalled(lane.Tenant, key))
                {
                    _pending.Release(place, key, lane.Index, voter, holder);
                    clean[i >> 3] |= bit;
                    continue;
                }

                // Of a verdict that is accepted although it is old, the first who asks renews it; what is asked for most is renewed first.
                clean[i >> 3] &= (byte)(bit ^ 0xFF);
                leases++;
            }
            else if (outcome == LeaseOutcome.Wait && !isAged)
            {
                wait[i >> 3] |= bit;
                waits++;
            }
        }

        return (leases, waits);
    }

    private bool IsRecalled(string tenant, ReadOnlySpan<byte> key) => Recalls.Count > 0 && Recalls.Contains(tenant, new ContentHash(key));
}
