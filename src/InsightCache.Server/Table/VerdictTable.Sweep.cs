using System.Numerics;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>The writers that take entries away.</content>
internal sealed unsafe partial class VerdictTable<TKeys>
{
    /// <summary>How many buckets ahead of its work a sweep fetches: the two first lines of one and the next are some lines apart, which the processor does not foresee.</summary>
    private const int SweepAhead = 8;

    /// <summary>How many buckets ahead of its work a sweep fetches the keys of guests: where their first buckets are is computed from them.</summary>
    private const int GuestsAhead = 4;

    public override bool Remove(ReadOnlySpan<byte> key, byte lane)
    {
        CheckKey(key);
        using SystemMemory.Lease lease = Memory.Borrow();
        byte* room = stackalloc byte[KeptRoom];
        fixed (byte* start = key)
        {
            byte* kept = TKeys.Keep(Secret, start, room, out ulong fingerprint);
            ulong place = Secret.Place(fingerprint, lane);
            Bucket first = First(place);
            Bucket second = Second(place);
            Bucket.LockBoth(first, second);

            // In both, whatever the first says of spilled keys: an image of buckets that were copied one after the other may hold a key twice.
            bool removed = Remove(first, kept, lane, TagOf(place)) | Remove(second, kept, lane, TagOf(place));
            second.Unlock();
            first.Unlock();
            return removed;
        }
    }

    public override long Sweep(ref SweepPosition position, int maxBuckets, ushort hour)
    {
        long begun = Hours.Begin(hour);
        if (position.Bucket == 0)
        {
            position.Begun = begun;
        }

        DeadRule rule = new(this, hour);
        long removed = Sweep(ref position.Bucket, maxBuckets, ref rule);
        if (position.Bucket == 0 && maxBuckets > 0)
        {
            Hours.EndPass(position.Begun);
        }

        return removed;
    }

    public override long RemoveWhere<TRule>(TablePass pass, int maxBuckets, ref TRule rule)
    {
        EntryRule<TRule> sweep = new(this, rule);
        try
        {
            return Advance(pass, maxBuckets, ref sweep);
        }
        finally
        {
            rule = sweep.Rule;
        }
    }

    public override void Clear()
    {
        EveryRule rule = default;
        using TablePass pass = BeginPass();
        while (!pass.IsComplete)
        {
            _ = Advance(pass, SliceBuckets, ref rule);
        }
    }

    public override long FreeOldest(double share)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        long[] expiries = new long[ushort.MaxValue + 1];
        ExpiryCount count = new(expiries);
        long position = 0;
        _ = Sweep(ref position, int.MaxValue, ref count);
        long left = (long)(share * expiries.Sum());
        if (left == 0)
        {
            return 0;
        }

        ushort last = 0;
        while (expiries[last] < left)
        {
            left -= expiries[last++];
        }

        SoonestRule rule = new(last, left);
        return Sweep(ref position, int.MaxValue, ref rule);
    }

    /// <summary>Sweeps the next buckets of a pass.</summary>
    private long Advance<TRule>(TablePass pass, int maxBuckets, ref TRule rule)
        where TRule : struct, ISweepRule
    {
        if (pass.Position is not { } position)
        {
            return 0;
        }

        long removed = Sweep(ref position, maxBuckets, ref rule);
        pass.Reached(position == 0 && maxBuckets > 0 ? null : position);
        return removed;
    }

    private long Sweep<TRule>(ref long position, int maxBuckets, ref TRule rule)
        where TRule : struct, ISweepRule
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfNegative(maxBuckets);
        using SystemMemory.Lease lease = Memory.Borrow();
        SpillQueue spills = new(stackalloc nint[SpillQueue.Room]);
        Span<long> reasons = stackalloc long[TableCounters.Events];
        reasons.Clear();
        long end = Math.Min(position + maxBuckets, _bucketCount);
        try
        {
            for (long index = position; index < end; index++)
            {
                Bucket bucket = At(index);
                Bucket ahead = At(Math.Min(index + SweepAhead, _bucketCount - 1));
                ahead.PrefetchTags();
                ahead.PrefetchExpiries();
                At(Math.Min(index + GuestsAhead, _bucketCount - 1)).PrefetchGuests();

                // A writer that locks the bucket after this look sees what was said before the sweep: that a generation is dead, or that a pass has begun.
                if ((Volatile.Read(ref bucket.Sequence) & 1) != 0 || bucket.Occupied != 0)
                {
                    SweepBucket(bucket, ref rule, ref spills, reasons);
                }
            }
        }
        finally
        {
            // A rule of the caller may throw.
            spills.Flush();
            Counters.Count(reasons);
        }

        position = end >= _bucketCount ? 0 : end;
        long removed = 0;
        foreach (long times in reasons)
        {
            removed += times;
        }

        return removed;
    }

    private void SweepBucket<TRule>(Bucket bucket, ref TRule rule, ref SpillQueue spills, Span<long> reasons)
        where TRule : struct, ISweepRule
    {
        bucket.Lock();
        bool changed = false;
        try
        {
            uint chosen = rule.Choose(bucket, bucket.Occupied, reasons);
            changed = chosen != 0;
            uint guests = bucket.Guests & chosen;
            bucket.Empty(chosen);
            for (; guests != 0; guests &= guests - 1)
            {
                spills.Enqueue(First(PlaceOf(bucket, BitOperations.TrailingZeroCount(guests))));
            }
        }
        finally
        {
            if (changed)
            {
                bucket.Unlock();
            }
            else
            {
                bucket.UnlockUnchanged();
            }
        }
    }

    private bool Remove(Bucket bucket, byte* key, byte lane, byte tag)
    {
        int way = bucket.WayOf(key, lane, tag);
        if (way < 0)
        {
            return false;
        }

        Vacate(bucket, way);
        Counters.Count(TableEvent.Removed);
        return true;
    }

    private readonly struct DeadRule(VerdictTable<TKeys> table, ushort hour) : ISweepRule
    {
        /// <summary>Whether an entry is dead is a coin toss to the prediction of branches, so all ways are judged at once; of generations, a bucket has few.</summary>
        public uint Choose(Bucket bucket, uint occupied, Span<long> reasons)
        {
            uint expired = bucket.ExpiredBy(hour);
            uint live = 0;
            for (uint unjudged = occupied; unjudged != 0;)
            {
                int way = BitOperations.TrailingZeroCount(unjudged);
                uint same = bucket.OfSameOrigin(way);
                live |= table.Live.Contains(bucket.Lane(way), bucket.Generation(way)) ? same : 0;
                unjudged &= ~same;
            }

            expired &= occupied;
            uint retired = occupied & ~live & ~expired;
            reasons[(int)TableEvent.Expired] += BitOperations.PopCount(expired);
            reasons[(int)TableEvent.Retired] += BitOperations.PopCount(retired);
            return expired | retired;
        }
    }

    private struct EntryRule<TRule>(VerdictTable<TKeys> table, TRule rule) : ISweepRule
        where TRule : struct, IEntryRule
    {
        public TRule Rule = rule;

        public uint Choose(Bucket bucket, uint occupied, Span<long> reasons)
        {
            uint chosen = 0;
            for (; occupied != 0; occupied &= occupied - 1)
            {
                int way = BitOperations.TrailingZeroCount(occupied);
                StoredEntry entry = new(TKeys.FingerprintOf(table.Secret, bucket.Key(way)), bucket.Lane(way), bucket.Generation(way), bucket.Expiry(way));
                chosen |= (Rule.Matches(entry) ? 1u : 0) << way;
            }

            reasons[(int)TableEvent.Removed] += BitOperations.PopCount(chosen);
            return chosen;
        }
    }

    private readonly struct EveryRule : ISweepRule
    {
        public uint Choose(Bucket bucket, uint occupied, Span<long> reasons)
        {
            reasons[(int)TableEvent.Removed] += BitOperations.PopCount(occupied);
            return occupied;
        }
    }

    private readonly struct ExpiryCount(long[] expiries) : ISweepRule
    {
        public uint Choose(Bucket bucket, uint occupied, Span<long> reasons)
        {
            for (; occupied != 0; occupied &= occupied - 1)
            {
                expiries[bucket.Expiry(BitOperations.TrailingZeroCount(occupied))]++;
            }

            return 0;
        }
    }

    /// <summary>All entries that expire before an hour, and some that expire in it.</summary>
    private struct SoonestRule(ushort last, long inLast) : ISweepRule
    {
        private long _inLast = inLast;

        public uint Choose(Bucket bucket, uint occupied, Span<long> reasons)
        {
            uint chosen = 0;
            for (; occupied != 0; occupied &= occupied - 1)
            {
                int way = BitOperations.TrailingZeroCount(occupied);
                ushort expiry = bucket.Expiry(way);
                chosen |= (expiry < last || (expiry == last && _inLast-- > 0) ? 1u : 0) << way;
            }

            reasons[(int)TableEvent.EvictedForCapacity] += BitOperations.PopCount(chosen);
            return chosen;
        }
    }

    /// <summary>Decides which ways of a bucket a sweep empties, and why.</summary>
    private interface ISweepRule
    {
        /// <summary>Gets a bit for each way that is to be emptied. Called with the bucket locked.</summary>
        /// <param name="bucket">The bucket.</param>
        /// <param name="occupied">A bit for each way that holds an entry.</param>
        /// <param name="reasons">Counts why each one goes, by <see cref="TableEvent"/>.</param>
        uint Choose(Bucket bucket, uint occupied, Span<long> reasons);
    }
}
