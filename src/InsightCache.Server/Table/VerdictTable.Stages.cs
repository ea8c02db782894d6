using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>The stages of <see cref="VerdictTable.Find"/>.</content>
internal sealed unsafe partial class VerdictTable<TKeys>
{
    /// <summary>Instead of an hour: the table has nothing that expired.</summary>
    private const int NoneExpired = -1;

    /// <summary>First stage: where the keys live.</summary>
    private void Locate(FindStep* step, byte lane, ulong* fingerprints)
    {
        unchecked
        {
            int size = step->Size;
            byte* key = step->Keys;
            TableSecret secret = Secret;
            ulong laneSecret = secret.OfLane(lane);
            for (int i = 0; i < size; i++, key += KeySize)
            {
                _ = TKeys.Keep(secret, key, step->Kept + (i * KeptRoom), out ulong fingerprint);
                fingerprints[i] = fingerprint;
                ulong place = fingerprint ^ laneSecret;
                step->Places[i] = place;
                step->Tags[i] = TagOf(place);
                step->Firsts[i] = (long)First(place).Start;
            }

            step->Keys = TKeys.KeySize == KeySize ? step->Keys : step->Kept;

            // Apart from the arithmetic: a processor waits for the page tables before it is through with a prefetch, and does so for as many at once as it sees.
            for (int i = 0; i < size; i++)
            {
                FirstOf(step, i).PrefetchTags();
            }
        }
    }

    /// <summary>Second stage: whether the first bucket has a candidate, or the second may have one.</summary>
    private void LookAtTags(FindStep* step, int expired)
    {
        unchecked
        {
            int size = step->Size;
            for (int i = 0; i < size; i++)
            {
                Bucket first = FirstOf(step, i);
                step->Sequences[i] = Volatile.Read(ref first.Sequence);
                step->Ways[i] = (ushort)first.MatchAndMore(step->Tags[i]);
                step->Spilled[i] = first.Spilled;
            }

            uint all = (1u << size) - 1;
            step->Open = all & ~Empties(step->Ways);
            step->Closed = all & ~step->Open & ~Vector128.Equals(Vector128.Load(step->Spilled), Vector128<byte>.Zero).ExtractMostSignificantBits();
            for (uint open = step->Open; open != 0; open &= open - 1)
            {
                int i = BitOperations.TrailingZeroCount(open);
                PrefetchCandidate(FirstOf(step, i), step->Ways[i], expired);
            }

            for (uint closed = step->Closed; closed != 0; closed &= closed - 1)
            {
                int i = BitOperations.TrailingZeroCount(closed);
                Bucket second = Second(step->Places[i]);
                step->Seconds[i] = (long)second.Start;
                second.PrefetchTags();
            }
        }
    }

    /// <summary>Third stage: whether the second bucket has a candidate.</summary>
    private static void LookAtSecondTags(FindStep* step, int expired)
    {
        unchecked
        {
            uint unclear = 0;
            for (uint closed = step->Closed; closed != 0; closed &= closed - 1)
            {
                int i = BitOperations.TrailingZeroCount(closed);
                Bucket second = new((byte*)step->Seconds[i]);
                uint ways = second.Match(step->Tags[i]);
                if (ways != 0)
                {
                    PrefetchCandidate(second, ways, expired);
                }

                // In neither bucket, and not moved from one to the other meanwhile; else the last stage looks closely.
                Volatile.ReadBarrier();
                uint moved = (FirstOf(step, i).Sequence ^ step->Sequences[i]) | (step->Sequences[i] & 1);
                unclear |= IsNotZero(ways | moved) << i;
            }

            step->Closed = unclear;
        }
    }

    /// <summary>Fourth stage: whether the first candidates are the keys, which nearly all are.</summary>
    private void LookAtKeys(FindStep* step, in AcceptedGenerations accepted, int expired)
    {
        unchecked
        {
            uint found = 0;
            uint aged = 0;
            for (uint open = step->Open; open != 0; open &= open - 1)
            {
                int i = BitOperations.TrailingZeroCount(open);
                Bucket first = FirstOf(step, i);
                int way = BitOperations.TrailingZeroCount((uint)step->Ways[i]);
                if (first.HasKey(way, KeyOf(step, i)) && Answers(first, way, accepted, expired, out byte generation) && IsUntouched(first, step->Sequences[i]))
                {
                    first.CountHit(way);
                    found |= 1u << i;
                    aged |= (accepted.IsAged(generation) ? 1u : 0) << i;
                }
            }

            step->Found = found;
            step->Aged = aged;
            step->Open &= ~found;
            for (uint open = step->Open; open != 0; open &= open - 1)
            {
                int i = BitOperations.TrailingZeroCount(open);
                if (step->Spilled[i] != 0)
                {
                    Second(step->Places[i]).PrefetchTags();
                }
            }
        }
    }

    /// <summary>Last stage: a close look at the few keys that have candidates and were not found yet.</summary>
    private void Settle(FindStep* step, in AcceptedGenerations accepted, int expired)
    {
        unchecked
        {
            for (uint unclear = step->Open | step->Closed; unclear != 0; unclear &= unclear - 1)
            {
                int i = BitOperations.TrailingZeroCount(unclear);
                int generation = Find(step->Places[i], KeyOf(step, i), accepted, expired);
                if (generation >= 0)
                {
                    step->Found |= 1u << i;
                    step->Aged |= (accepted.IsAged((byte)generation) ? 1u : 0) << i;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchCandidate(Bucket bucket, uint ways, int expired)
    {
        Prefetch.Read(bucket.Key(BitOperations.TrailingZeroCount(ways)));
        if (expired != NoneExpired)
        {
            bucket.PrefetchExpiries();
        }
    }

    /// <summary>Gets a bit for each of sixteen sets of ways that is empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Empties(ushort* ways)
    {
        Vector128<ushort> all = Vector128.Create((ushort)AllWays);
        Vector128<ushort> low = Vector128.Equals(Vector128.Load(ways) & all, Vector128<ushort>.Zero);
        Vector128<ushort> high = Vector128.Equals(Vector128.Load(ways + 8) & all, Vector128<ushort>.Zero);
        return Vector128.Narrow(low, high).ExtractMostSignificantBits();
    }

    /// <summary>1 for all but 0, without a branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint IsNotZero(uint value) => unchecked(value | (0 - value)) >> 31;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Bucket FirstOf(FindStep* step, int index) => new((byte*)step->Firsts[index]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* KeyOf(FindStep* step, int index) => unchecked(step->Keys + (index * TKeys.KeySize));
}
