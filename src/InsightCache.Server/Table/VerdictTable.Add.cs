using System.Numerics;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>The writers that bring entries.</content>
internal sealed unsafe partial class VerdictTable<TKeys>
{
    public override AddResult Add(ReadOnlySpan<byte> key, byte lane, byte generation, ushort expiry, ushort hour)
    {
        CheckKey(key);
        byte* room = stackalloc byte[KeptRoom];
        fixed (byte* start = key)
        {
            byte* kept = TKeys.Keep(Secret, start, room, out ulong fingerprint);
            return Add(kept, fingerprint, lane, generation, expiry, hour);
        }
    }

    public override AddResult AddKept(ReadOnlySpan<byte> kept, byte lane, byte generation, ushort expiry, ushort hour)
    {
        CheckKey(kept, TKeys.KeySize);
        fixed (byte* start = kept)
        {
            return Add(start, TKeys.FingerprintOf(Secret, start), lane, generation, expiry, hour);
        }
    }

    public override void Prepare(ReadOnlySpan<byte> kept, byte lane)
    {
        CheckKey(kept, TKeys.KeySize);
        fixed (byte* start = kept)
        {
            Bucket first = First(Secret.Place(TKeys.FingerprintOf(Secret, start), lane));
            first.PrefetchTags();
            first.PrefetchExpiries();
        }
    }

    private AddResult Add(byte* kept, ulong fingerprint, byte lane, byte generation, ushort expiry, ushort hour)
    {
        using SystemMemory.Lease lease = Memory.Borrow();
        ulong place = Secret.Place(fingerprint, lane);
        Candidate candidate = new(kept, TagOf(place), lane, generation, expiry, hour);
        AddResult result = Add(First(place), Second(place), candidate);
        if (result <= AddResult.Renewed)
        {
            Counters.Count(result == AddResult.Added ? TableEvent.Added : TableEvent.Renewed);
        }

        return result;
    }

    /// <summary>Most keys need their first bucket only; the second is locked when the first cannot tell.</summary>
    private AddResult Add(Bucket first, Bucket second, in Candidate candidate)
    {
        first.Lock();
        if (TryAddToFirst(first, candidate) is { } result)
        {
            first.Unlock();
            return result;
        }

        if (!second.TryLock())
        {
            // Waiting for the second with the first in hand could be a circle of writers; in the order of addresses there is none.
            first.UnlockUnchanged();
            Bucket.LockBoth(first, second);
        }

        result = TryAddToFirst(first, candidate) ?? AddToEither(first, second, candidate);
        second.Unlock();
        first.Unlock();
        return result;
    }

    private AddResult? TryAddToFirst(Bucket first, in Candidate candidate)
    {
        // Under the lock, so that a sweep that comes after the generation's death misses no entry of it.
        if (IsDead(candidate.Lane, candidate.Generation, candidate.Expiry, candidate.Hour))
        {
            return AddResult.Dead;
        }

        int way = first.WayOf(candidate.Key, candidate.Lane, candidate.Tag);
        if (way >= 0)
        {
            return Renew(first, way, candidate);
        }

        if (first.Spilled != 0 || FreeWay(first) is not (>= 0 and int free))
        {
            return null;
        }

        Fill(first, free, candidate, guest: false);
        return AddResult.Added;
    }

    private AddResult AddToEither(Bucket first, Bucket second, in Candidate candidate)
    {
        int way = second.WayOf(candidate.Key, candidate.Lane, candidate.Tag);
        if (way >= 0)
        {
            return Renew(second, way, candidate);
        }

        (Bucket bucket, way) = MakeRoom(first, second, candidate.Hour);
        bool guest = bucket.Start != first.Start;
        if (guest)
        {
            first.CountSpilled();
        }

        Fill(bucket, way, candidate, guest);
        return AddResult.Added;
    }

    private AddResult Renew(Bucket bucket, int way, in Candidate candidate)
    {
        int newer = unchecked((sbyte)(candidate.Generation - bucket.Generation(way)));
        if (!IsDead(candidate.Lane, bucket.Generation(way), bucket.Expiry(way), candidate.Hour))
        {
            if (newer < 0)
            {
                return AddResult.Older;
            }

            if (newer == 0 && bucket.Expiry(way) >= candidate.Expiry)
            {
                return AddResult.Unchanged;
            }
        }

        bucket.Origin(way) = candidate.Origin;
        bucket.Expiry(way) = candidate.Expiry;
        return AddResult.Renewed;
    }

    private static void Fill(Bucket bucket, int way, in Candidate candidate, bool guest)
        => bucket.Fill(way, candidate.Tag, candidate.Key, candidate.Origin, candidate.Expiry, guest);

    private static int FreeWay(Bucket bucket)
    {
        uint free = ~bucket.Occupied & AllWays;
        return free == 0 ? -1 : BitOperations.TrailingZeroCount(free);
    }

    private bool IsDead(byte lane, byte generation, ushort expiry, ushort hour) => HasExpired(expiry, hour) || !Live.Contains(lane, generation);

    private bool HasExpired(ushort expiry, ushort hour) => expiry <= Math.Max(hour, Hours.Dead);

    /// <summary>An entry on its way into the table.</summary>
    private readonly struct Candidate(byte* key, byte tag, byte lane, byte generation, ushort expiry, ushort hour)
    {
        public byte* Key { get; } = key;

        public byte Tag { get; } = tag;

        public byte Lane { get; } = lane;

        public byte Generation { get; } = generation;

        public ushort Expiry { get; } = expiry;

        public ushort Hour { get; } = hour;

        public ushort Origin => (ushort)(Lane | (Generation << 8));
    }
}
