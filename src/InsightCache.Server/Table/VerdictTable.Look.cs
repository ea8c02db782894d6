using System.Numerics;
using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>How one key is looked up, beside writers.</content>
internal sealed unsafe partial class VerdictTable<TKeys>
{
    /// <summary>How often a reader looks again at buckets that writers change under its eyes, before it calls the key a miss.</summary>
    private const int MaxAttempts = 32;

    private const int Miss = -1;
    private const int Torn = -2;

    /// <summary>Looks a key up.</summary>
    /// <param name="place">What decides where it lives.</param>
    /// <param name="key">The key.</param>
    /// <param name="accepted">What answers.</param>
    /// <param name="expired">The hour up to which entries do not answer; -1 if none of those is left.</param>
    /// <returns>The generation of its entry, or <see cref="Miss"/>.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Find(ulong place, byte* key, in AcceptedGenerations accepted, int expired)
    {
        Bucket first = First(place);
        byte tag = TagOf(place);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            int outcome = Look(first, tag, key, accepted, expired, out uint sequence, out bool spilled);
            if (outcome == Miss && spilled)
            {
                outcome = Look(Second(place), tag, key, accepted, expired, out _, out _);

                // The key may have moved from the second bucket to the first behind the reader's back.
                if (outcome == Miss && Volatile.Read(ref first.Sequence) != sequence)
                {
                    outcome = Torn;
                }
            }

            if (outcome != Torn)
            {
                return outcome;
            }

            Thread.SpinWait(attempt);
        }

        return Miss;
    }

    /// <summary>Looks a key up in one bucket, and tells the bucket's sequence and whether a key of the bucket may live in its second.</summary>
    /// <returns>The generation of its entry, <see cref="Miss"/>, or <see cref="Torn"/> if a writer was at work.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Look(Bucket bucket, byte tag, byte* key, in AcceptedGenerations accepted, int expired, out uint sequence, out bool spilled)
    {
        sequence = Volatile.Read(ref bucket.Sequence);
        spilled = bucket.Spilled != 0;
        int outcome = Miss;
        int way = 0;
        for (uint ways = bucket.Match(tag); ways != 0; ways &= ways - 1)
        {
            way = BitOperations.TrailingZeroCount(ways);
            if (bucket.HasKey(way, key) && Answers(bucket, way, accepted, expired, out byte generation))
            {
                outcome = generation;
                break;
            }
        }

        if (!IsUntouched(bucket, sequence))
        {
            return Torn;
        }

        if (outcome >= 0)
        {
            bucket.CountHit(way);
        }

        return outcome;
    }

    /// <summary>Tells whether everything that was read from a bucket since its sequence was read is of one moment.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsUntouched(Bucket bucket, uint sequence)
    {
        // Everything before is read before the sequence is read again.
        Volatile.ReadBarrier();
        return (sequence & 1) == 0 && bucket.Sequence == sequence;
    }

    /// <summary>Tells whether what is in a way answers the question, whatever its key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Answers(Bucket bucket, int way, in AcceptedGenerations accepted, int expired, out byte generation)
    {
        ushort origin = bucket.Origin(way);
        generation = unchecked((byte)(origin >> 8));
        return unchecked((byte)origin) == accepted.Lane && accepted.Accepts(generation) && (expired == NoneExpired || bucket.Expiry(way) > expired);
    }
}
