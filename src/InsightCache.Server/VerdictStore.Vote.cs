using System.Collections.Immutable;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>Counts what clients vote.</content>
internal sealed partial class VerdictStore
{
    /// <summary>What became of one vote.</summary>
    private enum VoteOutcome
    {
        Accepted,
        Pending,
        Duplicate,
        Stale,
        Rejected,
        Taken,

        /// <summary>Clean already.</summary>
        Known,

        /// <summary>It counts when this server has caught up with the others.</summary>
        Held,
    }

    /// <summary>Counts the votes of a batch.</summary>
    /// <param name="client">Who votes.</param>
    /// <param name="holder">Which of the machines with these credentials scanned.</param>
    /// <param name="header">What it scanned with.</param>
    /// <param name="keys">The contents' hashes, 32 bytes each.</param>
    /// <param name="verdicts">The verdicts, one byte each.</param>
    /// <param name="threats">The names of what was found; empty if they are not known.</param>
    /// <param name="hold">Whether clean votes are only looked at: the caller keeps those of <paramref name="news"/>, and gives them later.</param>
    /// <param name="news">Gets one bit a vote, where others would learn something from it; empty if that is not wanted.</param>
    /// <returns>What became of them.</returns>
    public VoteAnswerFrame Vote(
        ClientIdentity client,
        uint holder,
        in FrameHeader header,
        ReadOnlySpan<byte> keys,
        ReadOnlySpan<byte> verdicts,
        IReadOnlyList<string?>? threats = null,
        bool hold = false,
        Span<byte> news = default)
    {
        _counting.EnterReadLock();
        try
        {
            return Count(client, holder, header, keys, verdicts, threats, hold, news);
        }
        finally
        {
            _counting.ExitReadLock();
        }
    }

    /// <summary>Takes over a verdict that was reached elsewhere, from a bundle that an administrator trusts, or from where several servers keep verdicts.</summary>
    /// <param name="key">The content's hash.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="generation">The lane's current generation.</param>
    /// <param name="end">When the verdict ends there.</param>
    /// <param name="fingerprint">The keyed hash under which the log knows the content.</param>
    /// <returns><see langword="false"/> if it counts no longer, or the content is recalled here.</returns>
    public bool Import(ReadOnlySpan<byte> key, Lane lane, byte generation, DateTimeOffset end, out ulong fingerprint)
    {
        fingerprint = Table.Fingerprint(key);
        int expiry = Math.Min(Clock.HourOf(end), Clock.Hour + LifetimeOf(fingerprint));
        return expiry > Clock.Hour && AddUnlessRecalled(key, lane, generation, fingerprint, expiry);
    }

    /// <summary>Tells whether a client's single vote makes a content clean.</summary>
    private bool IsEnough(ClientIdentity client)
        => client.Has(ClientRoles.TrustedScanner) || !client.IsAuthenticated || _options.VoteThreshold == 1;

    private VoteAnswerFrame Count(
        ClientIdentity client,
        uint holder,
        in FrameHeader header,
        ReadOnlySpan<byte> keys,
        ReadOnlySpan<byte> verdicts,
        IReadOnlyList<string?>? threats,
        bool hold,
        Span<byte> news)
    {
        news.Clear();

        // Read first, as for lookups: what is recalled while the votes are counted is in the next epoch.
        long epoch = Recalls.Epoch;
        Lane? lane = Lanes.Find(client.Tenant, header.Lane);
        ImmutableArray<Generation> generations = lane?.Generations ?? [];
        Generation? generation = Find(generations, header.Definitions);
        DefinitionsStanding standing = generation is null ? DefinitionsStanding.Unknown
            : generation == generations[0] ? DefinitionsStanding.Current
            : DefinitionsStanding.Older;
        Span<int> outcomes = stackalloc int[8];
        outcomes.Clear();
        Span<ulong> fingerprints = stackalloc ulong[header.Count];
        Span<byte> counted = stackalloc byte[LookupAnswerFrame.PlaneLength(header.Count)];
        counted.Clear();
        uint second = Clock.Second;
        for (int i = 0; i < header.Count; i++)
        {
            ReadOnlySpan<byte> key = keys.Slice(i * ContentHash.Size, ContentHash.Size);
            fingerprints[i] = Table.Fingerprint(key);
            VoteOutcome outcome = (VoteVerdict)verdicts[i] switch
            {
                VoteVerdict.Clean => standing != DefinitionsStanding.Current || !client.CanVote
                    ? client.CanVote ? VoteOutcome.Stale : VoteOutcome.Rejected
                    : VoteClean(client, holder, lane!, generation!, key, fingerprints[i], second, hold),
                VoteVerdict.Infected => !client.CanVote || Recalls.Report(client, new ContentHash(key), threats?[i]) == ReportOutcome.Refused
                    ? VoteOutcome.Rejected
                    : VoteOutcome.Taken,
                _ => Release(client, holder, lane, key, fingerprints[i]),
            };
            outcomes[(int)outcome]++;
            counted[i >> 3] |= (byte)((outcome is VoteOutcome.Accepted or VoteOutcome.Pending or VoteOutcome.Known ? 1 : 0) << (i & 7));
            if (!news.IsEmpty)
            {
                news[i >> 3] |= (byte)((outcome is VoteOutcome.Accepted or VoteOutcome.Pending or VoteOutcome.Held ? 1 : 0) << (i & 7));
            }
        }

        _log?.Add(LogRecordKind.Voted, lane?.Index ?? 0, client.Id, fingerprints, counted);
        Counters.AddVotes(header.Count);
        return new VoteAnswerFrame(
            standing,
            outcomes[(int)VoteOutcome.Accepted] + outcomes[(int)VoteOutcome.Known],
            outcomes[(int)VoteOutcome.Pending] + outcomes[(int)VoteOutcome.Held],
            outcomes[(int)VoteOutcome.Duplicate],
            outcomes[(int)VoteOutcome.Stale],
            outcomes[(int)VoteOutcome.Rejected],
            outcomes[(int)VoteOutcome.Taken],
            epoch);
    }

    private VoteOutcome VoteClean(
        ClientIdentity client, uint holder, Lane lane, Generation generation, ReadOnlySpan<byte> key, ulong fingerprint, uint second, bool hold)
    {
        if (Recalls.IsFull || IsRecalled(lane.Tenant, key))
        {
            return VoteOutcome.Rejected;
        }

        Span<byte> found = stackalloc byte[1];
        Table.Find(key, AcceptedGenerations.Exactly(lane.Index, generation.Index), Clock.Hour, found, [], []);
        if (found[0] != 0)
        {
            return VoteOutcome.Known;
        }

        if (hold)
        {
            return VoteOutcome.Held;
        }

        ulong place = Place(fingerprint, lane);
        int lifetime = LifetimeOf(fingerprint);
        if (IsEnough(client))
        {
            // In this order, whoever asks meanwhile finds the verdict or the lease, and does not scan in between.
            VoteOutcome outcome = BecomeClean(key, lane, generation, fingerprint, Clock.Hour + lifetime, second);
            LearnScanTime(_pending.Remove(place, key, lane.Index, client.Id | Party.Trusted, holder), second);
            return outcome;
        }

        // A verdict is as old as the oldest vote that it rests on: so it shows whether the log still knows all of them.
        uint oldest = ServerClock.SecondOf(Clock.TimeOf(Clock.Hour - lifetime + 1));
        BallotOutcome ballot = _pending.Vote(
            place, key, lane.Index, generation.Index, ServerClock.SecondOf(generation.Learnt), oldest, client.Id, holder, _options.VoteThreshold, second, out uint deadline, out uint first);
        if (ballot != BallotOutcome.Reached)
        {
            return ballot == BallotOutcome.Pending ? VoteOutcome.Pending : VoteOutcome.Duplicate;
        }

        LearnScanTime(deadline, second);
        return BecomeClean(key, lane, generation, fingerprint, Clock.HourOf(ServerClock.TimeOf(first)) + lifetime, second);
    }

    private VoteOutcome BecomeClean(ReadOnlySpan<byte> key, Lane lane, Generation generation, ulong fingerprint, int expiry, uint second)
    {
        if (!AddUnlessRecalled(key, lane, generation.Index, fingerprint, expiry))
        {
            return VoteOutcome.Rejected;
        }

        OnClean(lane, generation, key, (ushort)Math.Min(expiry, ushort.MaxValue), second);
        return VoteOutcome.Accepted;
    }

    private bool AddUnlessRecalled(ReadOnlySpan<byte> key, Lane lane, byte generation, ulong fingerprint, int expiry)
    {
        // A recall that comes after the look removes the verdict when it gets the lock, and its epoch is known only then.
        lock (AddingLockOf(fingerprint))
        {
            if (Recalls.IsFull || IsRecalled(lane.Tenant, key))
            {
                return false;
            }

            Table.Add(key, lane.Index, generation, (ushort)Math.Min(expiry, ushort.MaxValue), Clock.Hour);
            return true;
        }
    }

    private VoteOutcome Release(ClientIdentity client, uint holder, Lane? lane, ReadOnlySpan<byte> key, ulong fingerprint)
    {
        if (lane is not null)
        {
            _pending.Release(Place(fingerprint, lane), key, lane.Index, client.Id | (IsEnough(client) ? Party.Trusted : 0), holder);
        }

        return VoteOutcome.Taken;
    }

    /// <summary>Keeps a running mean of how long a leased content takes until it is clean, so that others are asked back when it is worth it.</summary>
    private void LearnScanTime(uint deadline, uint second)
    {
        if (deadline > second)
        {
            long milliseconds = (_leaseSeconds - Math.Min(_leaseSeconds, deadline - second)) * 1000L;
            long mean = Volatile.Read(ref _scanMilliseconds);
            Volatile.Write(ref _scanMilliseconds, mean + ((milliseconds - mean) / 8));
        }
    }
}

/// <summary>A content was voted clean.</summary>
/// <param name="lane">The lane.</param>
/// <param name="generation">The definitions.</param>
/// <param name="key">The content's hash.</param>
/// <param name="expiry">The hour at which the verdict ends.</param>
/// <param name="second">The second from before it was looked whether the content is recalled.</param>
internal delegate void VerdictReached(Lane lane, Generation generation, ReadOnlySpan<byte> key, ushort expiry, uint second);
