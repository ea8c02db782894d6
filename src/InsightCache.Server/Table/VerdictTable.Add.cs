using System.Numerics;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>The writers that bring entries.</content>
internal sealed unsafe partial class VerdictTable
{
    /// <summary>Stores that a content is clean, or renews it. What is newer wins: a later generation, or in the same generation the later expiry.</summary>
    /// <param name="key">The key: 32 bytes.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="generation">The generation of the definitions. Up to 127 after another it is newer, modulo 256.</param>
    /// <param name="expiry">The hour from which on the entry is not found, in hours since an epoch that the caller chooses; there is none after hour 65,535.</param>
    /// <param name="hour">The time, since the same epoch.</param>
    /// <exception cref="ArgumentException">The key has another size.</exception>
    /// <exception cref="ObjectDisposedException">The table is disposed.</exception>
    public AddResult Add(ReadOnlySpan<byte> key, byte lane, byte generation, ushort expiry, ushort hour)
    {
        CheckKey(key);
        using SystemMemory.Lease lease = _memory.Borrow();
        fixed (byte* start = key)
        {
            ulong place = _secret.Place(_secret.Fingerprint(start), lane);
            Candidate candidate = new(start, TagOf(place), lane, generation, expiry, hour);
            AddResult result = Add(First(place), Second(place), candidate);
            if (result <= AddResult.Renewed)
            {
                _counters.Count(result == AddResult.Added ? TableEvent.Added : TableEvent.Renewed);
            }

            return result;
        }
    }

    /// <summary>Fetches what an addition of a key will read first: for callers with many keys, some ahead of the one that they add.</summary>
    /// <param name="key">The key: 32 bytes.</param>
    /// <param name="lane">The lane.</param>
    public void Prepare(ReadOnlySpan<byte> key, byte lane)
    {
        Bucket first = First(_secret.Place(_secret.Fingerprint(key), lane));
        first.PrefetchTags();
        first.PrefetchExpiries();
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
        uint free = ~bucket.Occupied & Bucket.AllWays;
        return free == 0 ? -1 : BitOperations.TrailingZeroCount(free);
    }

    private bool IsDead(byte lane, byte generation, ushort expiry, ushort hour) => HasExpired(expiry, hour) || !_live.Contains(lane, generation);

    private bool HasExpired(ushort expiry, ushort hour) => expiry <= Math.Max(hour, _hours.Dead);

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
