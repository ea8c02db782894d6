using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What becomes of a vote for a content that is not clean.</summary>
internal enum BallotOutcome
{
    /// <summary>It was counted, and others are still needed.</summary>
    Pending,

    /// <summary>This client had voted already.</summary>
    Duplicate,

    /// <summary>It was the last that was needed.</summary>
    Reached,
}

/// <summary>What becomes of the wish to scan a content.</summary>
internal enum LeaseOutcome
{
    /// <summary>The client scans it, and others wait.</summary>
    Granted,

    /// <summary>Enough others scan it.</summary>
    Wait,

    /// <summary>The client scans it for itself: its word counts already, or it let a lease run out.</summary>
    Unshared,
}

/// <summary>Contents on their way to being clean: who has voted, and who scans. Native memory of a fixed size; the content that was longest untouched makes room. Safe for concurrent use.</summary>
/// <remarks>
/// It is also the small queue in front of the verdict table: a content that only one client has never enters that. A bucket is 8 slots of <see cref="PendingSlot"/>;
/// one lock serves many buckets, and is held for the time of a few cache lines. What is lost here costs a scan.
/// </remarks>
internal sealed unsafe class PendingTable : IDisposable
{
    private const int Ways = 8;
    private const int BucketSize = Ways * PendingSlot.Size;
    private const int Stripes = 1024;

    /// <summary>How many leases of one content clients without credentials may let run out, all of them together: nothing tells them apart that they do not choose.</summary>
    private const int MaxLapsedOfStrangers = 3;

    private readonly Lock[] _locks = new Lock[Stripes];
    private readonly SystemMemory _memory;
    private readonly uint _buckets;
    private readonly PendingSlot* _slots;
    private long _count;

    /// <summary>Initializes a new instance of the <see cref="PendingTable"/> class.</summary>
    /// <param name="bytes">The memory that it may take, at least one page of the system.</param>
    public PendingTable(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, Environment.SystemPageSize);
        _memory = new SystemMemory(Math.Min(bytes, uint.MaxValue * (long)BucketSize));
        _buckets = (uint)(_memory.Bytes / BucketSize);
        _slots = (PendingSlot*)_memory.DangerousGetHandle();
        for (int i = 0; i < Stripes; i++)
        {
            _locks[i] = new Lock();
        }
    }

    /// <summary>Gets the memory that it takes.</summary>
    public long Bytes => _memory.Bytes;

    /// <summary>Gets how many contents are in it.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Counts a vote.</summary>
    /// <param name="fingerprint">The keyed hash of the key.</param>
    /// <param name="key">The content's hash.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="generation">The lane's current generation.</param>
    /// <param name="since">The second at which it began: what is older is of a generation whose number came round.</param>
    /// <param name="oldest">The second before which votes are so old that a verdict would rest on them no longer.</param>
    /// <param name="voter">Whose vote.</param>
    /// <param name="holder">Under which lease, if it has one.</param>
    /// <param name="threshold">How many voters are needed, 2 to 7; 1 is reached without a ballot.</param>
    /// <param name="second">Now.</param>
    /// <param name="deadline">When its lease would have ended, as a second; 0 if it had none.</param>
    /// <param name="first">The second of the first vote that counts.</param>
    public BallotOutcome Vote(
        ulong fingerprint, ReadOnlySpan<byte> key, byte lane, byte generation, uint since, uint oldest, uint voter, uint holder, int threshold, uint second, out uint deadline, out uint first)
    {
        using SystemMemory.Lease use = _memory.Borrow();
        uint bucket = BucketOf(fingerprint);
        lock (LockOf(bucket))
        {
            ref PendingSlot slot = ref FindOrBegin(bucket, key, lane, generation, since, second);
            if (slot.Voted != 0 && slot.Voted < oldest)
            {
                slot.Begin(key, lane, generation);
            }

            deadline = 0;
            first = slot.Voted = slot.Voted == 0 ? second : slot.Voted;
            if (slot.HasVoted(voter))
            {
                return BallotOutcome.Duplicate;
            }

            int party = slot.IndexOf(voter, holder);
            if (party >= 0)
            {
                deadline = slot.Parties[party].Deadline;
                slot.RemoveAt(party);
            }

            // More parties than are needed can only be leases: one of them gives its place.
            if (!slot.TryAdd(new Party { Voter = voter, Holder = holder }, second))
            {
                slot.RemoveAt(LeaseIn(ref slot));
                bool hasRoom = slot.TryAdd(new Party { Voter = voter, Holder = holder }, second);
                Debug.Assert(hasRoom);
            }

            slot.Touched = second;
            if (slot.Votes() < threshold)
            {
                return BallotOutcome.Pending;
            }

            Empty(ref slot);
            return BallotOutcome.Reached;
        }
    }

    /// <summary>Forgets a content, since it is clean by a single vote, or recalled.</summary>
    /// <param name="fingerprint">The keyed hash of the key.</param>
    /// <param name="key">The content's hash.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="voter">Whose vote made it clean.</param>
    /// <param name="holder">Under which lease.</param>
    /// <returns>When that lease would have ended, as a second; 0 if there was none.</returns>
    public uint Remove(ulong fingerprint, ReadOnlySpan<byte> key, byte lane, uint voter = 0, uint holder = 0)
    {
        using SystemMemory.Lease use = _memory.Borrow();
        uint bucket = BucketOf(fingerprint);
        lock (LockOf(bucket))
        {
            ref PendingSlot slot = ref Find(bucket, key, lane);
            if (Unsafe.IsNullRef(ref slot))
            {
                return 0;
            }

            int party = slot.IndexOf(voter, holder);
            uint deadline = party >= 0 ? slot.Parties[party].Deadline : 0;
            Empty(ref slot);
            return deadline;
        }
    }

    /// <summary>Asks to scan a content.</summary>
    /// <param name="fingerprint">The keyed hash of the key.</param>
    /// <param name="key">The content's hash.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="generation">The lane's current generation.</param>
    /// <param name="since">The second at which it began: what is older is of a generation whose number came round.</param>
    /// <param name="voter">Whose vote the scan would bring.</param>
    /// <param name="holder">Which machine scans.</param>
    /// <param name="threshold">How many voters are needed, where none of them is trusted.</param>
    /// <param name="second">Now.</param>
    /// <param name="seconds">How long the lease lasts.</param>
    public LeaseOutcome Lease(
        ulong fingerprint, ReadOnlySpan<byte> key, byte lane, byte generation, uint since, uint voter, uint holder, int threshold, uint second, uint seconds)
    {
        using SystemMemory.Lease use = _memory.Borrow();
        uint bucket = BucketOf(fingerprint);
        lock (LockOf(bucket))
        {
            ref PendingSlot slot = ref FindOrBegin(bucket, key, lane, generation, since, second);
            int expected = 0;
            int lapsed = 0;
            bool isOwn = false;
            for (int i = 0; i < slot.Count; i++)
            {
                ref Party party = ref slot.Parties[i];
                bool isHolder = party.Voter == voter && party.Holder == holder;
                if (isHolder && party.IsScanning(second))
                {
                    // A client that asks again, perhaps after a restart, goes on.
                    return LeaseOutcome.Granted;
                }

                bool counts = party.HasVoted || party.IsScanning(second);
                isOwn |= party.Voter == voter && (counts || isHolder);
                lapsed += party.Voter == voter && !counts ? 1 : 0;
                expected += !counts ? 0 : party.IsTrusted ? threshold : 1;
            }

            if (expected >= threshold)
            {
                return LeaseOutcome.Wait;
            }

            // Who let a lease run out has no second: neither the same machine, nor another with the same credentials, since a machine calls itself what it likes.
            if (isOwn || lapsed >= ((voter & ~Party.Trusted) == 0 ? MaxLapsedOfStrangers : 1) || !slot.TryAdd(new Party { Voter = voter, Holder = holder, Deadline = second + seconds }, second))
            {
                return LeaseOutcome.Unshared;
            }

            slot.Touched = second;
            return LeaseOutcome.Granted;
        }
    }

    /// <summary>Gives a lease back.</summary>
    public void Release(ulong fingerprint, ReadOnlySpan<byte> key, byte lane, uint voter, uint holder)
    {
        using SystemMemory.Lease use = _memory.Borrow();
        uint bucket = BucketOf(fingerprint);
        lock (LockOf(bucket))
        {
            ref PendingSlot slot = ref Find(bucket, key, lane);
            if (Unsafe.IsNullRef(ref slot))
            {
                return;
            }

            int party = slot.IndexOf(voter, holder);
            if (party >= 0 && !slot.Parties[party].HasVoted)
            {
                slot.RemoveAt(party);
                if (slot.Count == 0)
                {
                    Empty(ref slot);
                }
            }
        }
    }

    /// <summary>Forgets everything that a voter has said.</summary>
    public void RemoveVoter(uint voter)
    {
        using SystemMemory.Lease use = _memory.Borrow();
        for (uint bucket = 0; bucket < _buckets; bucket++)
        {
            lock (LockOf(bucket))
            {
                foreach (ref PendingSlot slot in Bucket(bucket))
                {
                    for (int i = slot.Count - 1; i >= 0; i--)
                    {
                        if (slot.Parties[i].Voter == voter)
                        {
                            slot.RemoveAt(i);
                        }
                    }
                }
            }
        }
    }

    /// <summary>Gives the memory back, as soon as the calls that run have ended.</summary>
    public void Dispose() => _memory.Dispose();

    private static int LeaseIn(ref PendingSlot slot)
    {
        int lease = 0;
        for (int i = 0; i < slot.Count; i++)
        {
            lease = slot.Parties[i].HasVoted ? lease : i;
        }

        return lease;
    }

    private uint BucketOf(ulong fingerprint) => (uint)(((fingerprint >> 32) * _buckets) >> 32);

    private Lock LockOf(uint bucket) => _locks[bucket % Stripes];

    private Span<PendingSlot> Bucket(uint bucket) => new(_slots + ((long)bucket * Ways), Ways);

    private ref PendingSlot Find(uint bucket, ReadOnlySpan<byte> key, byte lane)
    {
        foreach (ref PendingSlot slot in Bucket(bucket))
        {
            if (slot.Is(key, lane))
            {
                return ref slot;
            }
        }

        return ref Unsafe.NullRef<PendingSlot>();
    }

    private ref PendingSlot FindOrBegin(uint bucket, ReadOnlySpan<byte> key, byte lane, byte generation, uint since, uint second)
    {
        ref PendingSlot slot = ref Find(bucket, key, lane);
        if (!Unsafe.IsNullRef(ref slot))
        {
            if (slot.Generation != generation || slot.Touched < since)
            {
                // What was voted under older definitions says nothing under these.
                slot.Begin(key, lane, generation);
                slot.Touched = second;
            }

            return ref slot;
        }

        slot = ref Oldest(bucket);
        _ = slot.Lane == 0 ? Interlocked.Increment(ref _count) : _count;
        slot.Begin(key, lane, generation);
        slot.Touched = second;
        return ref slot;
    }

    /// <summary>Finds the slot that is empty, or else the longest untouched.</summary>
    private ref PendingSlot Oldest(uint bucket)
    {
        Span<PendingSlot> slots = Bucket(bucket);
        int oldest = 0;
        for (int i = 0; i < slots.Length; i++)
        {
            if (slots[i].Lane == 0)
            {
                return ref slots[i];
            }

            oldest = slots[i].Touched < slots[oldest].Touched ? i : oldest;
        }

        return ref slots[oldest];
    }

    private void Empty(ref PendingSlot slot)
    {
        slot = default;
        Interlocked.Decrement(ref _count);
    }
}
