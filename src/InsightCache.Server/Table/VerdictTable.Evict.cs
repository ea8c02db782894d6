using System.Numerics;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>How a full bucket makes room: all of it under the bucket's lock.</content>
internal sealed unsafe partial class VerdictTable<TKeys>
{
    /// <summary>How many ways of a full bucket are on probation: entries that were never found again. More would let a scan push out what is popular.</summary>
    private const int MaxProbation = 2;

    /// <summary>Finds a free way for a key in one of its buckets, or frees one: what costs no living entry comes first.</summary>
    private (Bucket Bucket, int Way) MakeRoom(Bucket first, Bucket second, ushort hour)
    {
        int way;
        if ((way = FreeWay(first)) >= 0 || (way = Reclaim(first, hour)) >= 0)
        {
            return (first, way);
        }

        if ((way = FreeWay(second)) >= 0 || (way = Reclaim(second, hour)) >= 0)
        {
            return (second, way);
        }

        if ((way = Relocate(first, second, hour)) >= 0)
        {
            return (first, way);
        }

        return (way = Relocate(second, first, hour)) >= 0 ? (second, way) : (first, Evict(first));
    }

    /// <summary>Throws the dead entries of a bucket out.</summary>
    /// <returns>A way that is free now, or -1.</returns>
    private int Reclaim(Bucket bucket, ushort hour)
    {
        int free = -1;
        for (uint ways = bucket.Occupied; ways != 0; ways &= ways - 1)
        {
            int way = BitOperations.TrailingZeroCount(ways);
            if (IsDead(bucket.Lane(way), bucket.Generation(way), bucket.Expiry(way), hour))
            {
                Vacate(bucket, way);
                Counters.Count(HasExpired(bucket.Expiry(way), hour) ? TableEvent.Expired : TableEvent.Retired);
                free = way;
            }
        }

        return free;
    }

    /// <summary>Moves one entry of a full bucket to the other of its two buckets, if that has room.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="held">Another bucket that is locked by this writer, and full.</param>
    /// <param name="hour">The time.</param>
    /// <returns>The way that is free now, or -1.</returns>
    private int Relocate(Bucket bucket, Bucket held, ushort hour)
    {
        // In a table that is nearly full everywhere the search is in vain, and costs more than the rest of an insertion.
        if (Counters.Occupied >= Capacity - (Capacity >> 6))
        {
            return -1;
        }

        byte** others = stackalloc byte*[TKeys.Ways];
        for (int way = 0; way < TKeys.Ways; way++)
        {
            ulong place = PlaceOf(bucket, way);
            Bucket other = (bucket.Guests >> way & 1) != 0 ? First(place) : Second(place);
            other.PrefetchTags();
            others[way] = other.Start;
        }

        for (int way = 0; way < TKeys.Ways; way++)
        {
            Bucket other = new(others[way]);

            // Only tried, never waited for: this lock comes in no order. The two that are held cannot be taken twice.
            if (others[way] != held.Start && FreeWay(other) >= 0 && other.TryLock())
            {
                int free = FreeWay(other);
                if (free >= 0 && MayMove(bucket, way, hour))
                {
                    Move(bucket, way, other, free);
                    other.Unlock();
                    return way;
                }

                other.UnlockUnchanged();
            }
        }

        return -1;
    }

    /// <summary>Tells whether an entry may change its bucket: not if a pass could miss it that has been at the new place, but not yet at the old one.</summary>
    /// <remarks>Asked with both locked, so that a pass that begins later meets the entry. A sweep runs without end and so cannot forbid moves, but it takes the dead only.</remarks>
    private bool MayMove(Bucket from, int way, ushort hour)
        => !IsPassing && !IsDead(from.Lane(way), from.Generation(way), from.Expiry(way), hour);

    private void Move(Bucket from, int way, Bucket to, int free)
    {
        bool guest = (from.Guests >> way & 1) != 0;
        if (!guest)
        {
            // Before the entry leaves: a reader that no longer meets it in its first bucket must look into the second.
            from.CountSpilled();
        }

        to.Fill(free, from.Tag(way), from.Key(way), from.Origin(way), from.Expiry(way), guest: !guest);
        to.Frequencies |= (from.Frequencies >> (way * 2) & 3) << (free * 2);
        to.Main |= (ushort)((from.Main >> way & 1) << free);
        from.Empty(1u << way);
        if (guest)
        {
            to.UncountSpilled();
        }

        Counters.Count(TableEvent.Relocated);
    }

    /// <summary>Throws an entry of a full bucket out, as S3-FIFO does: what came last and was never found goes first.</summary>
    /// <returns>The way that is free now.</returns>
    private int Evict(Bucket bucket)
    {
        int way = ChooseVictim(bucket);
        Vacate(bucket, way);
        Counters.Count(TableEvent.EvictedForCapacity);
        return way;
    }

    private static int ChooseVictim(Bucket bucket)
    {
        uint frequencies = bucket.Frequencies;
        ulong order = bucket.Order;
        uint probation = ~(uint)bucket.Main & AllWays;
        int victim = -1;

        // Two queues in one list: the oldest on probation goes, or is promoted if it was found; with too few on probation, the oldest of the others goes, or gets
        // another round for each time that it was found. Each turn takes a way from probation or lowers a frequency, so there are at most 15 + 45 + 1.
        while (victim < 0)
        {
            bool onProbation = BitOperations.PopCount(probation) >= MaxProbation;
            int oldest = FifoOrder.Oldest(order, onProbation ? probation : ~probation & AllWays);
            int shift = oldest * 2;
            if ((frequencies >> shift & 3) == 0)
            {
                victim = oldest;
            }
            else
            {
                frequencies = onProbation ? frequencies & ~(3u << shift) : frequencies - (1u << shift);
                probation &= onProbation ? ~(1u << oldest) : uint.MaxValue;
                order = FifoOrder.ToFront(order, oldest);
            }
        }

        bucket.Frequencies = frequencies;
        bucket.Order = order;
        bucket.Main = (ushort)(~probation & AllWays);
        return victim;
    }

    /// <summary>Throws an entry out, for the caller to count.</summary>
    private void Vacate(Bucket bucket, int way)
    {
        bool guest = (bucket.Guests >> way & 1) != 0;
        bucket.Empty(1u << way);
        if (guest)
        {
            First(PlaceOf(bucket, way)).UncountSpilled();
        }
    }
}
