using System.Numerics;
using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>The readers.</content>
internal sealed unsafe partial class VerdictTable
{
    /// <summary>How many keys are on their way from memory at once: enough to hide its latency, few enough that their lines stay in the first-level cache.</summary>
    private const int Group = 64;

    /// <summary>How often a reader looks again at buckets that writers change under its eyes, before it calls the key a miss.</summary>
    private const int MaxAttempts = 32;

    private const int Miss = -1;
    private const int Torn = -2;

    /// <summary>Looks keys up in one lane. Allocates nothing and never waits for a writer.</summary>
    /// <param name="keys">The keys, 32 bytes each, one behind the other; at most <see cref="MaxBatch"/>.</param>
    /// <param name="accepted">The lane, and the generations that answer.</param>
    /// <param name="hour">The time: entries whose expiry is not later are not found.</param>
    /// <param name="found">Receives a bit for each key, from the lowest of the first byte on: whether it has an entry that answers. The bits behind the last key become 0.</param>
    /// <param name="aged">Receives a bit for each key that was found in a generation older than the current one; empty if that is not wanted.</param>
    /// <param name="fingerprints">Receives the fingerprint of each key in no lane; empty if that is not wanted.</param>
    /// <exception cref="ArgumentException">A span has the wrong size.</exception>
    /// <exception cref="ObjectDisposedException">The table is disposed.</exception>
    public void Find(ReadOnlySpan<byte> keys, in AcceptedGenerations accepted, ushort hour, Span<byte> found, Span<byte> aged, Span<ulong> fingerprints)
    {
        int count = keys.Length / KeySize;
        if (keys.Length % KeySize != 0 || count > MaxBatch)
        {
            throw new ArgumentException($"{keys.Length} bytes are not up to {MaxBatch} keys of {KeySize} bytes.", nameof(keys));
        }

        int bytes = (count + 7) / 8;
        CheckAnswer(found.Length, bytes, nameof(found));
        CheckAnswer(aged.IsEmpty ? bytes : aged.Length, bytes, nameof(aged));
        CheckAnswer(fingerprints.IsEmpty ? count : fingerprints.Length, count, nameof(fingerprints));

        using BucketMemory.Lease lease = _memory.Borrow();
        fixed (byte* start = keys)
        {
            for (int at = 0; at < count; at += Group)
            {
                int size = Math.Min(Group, count - at);
                (ulong isFound, ulong isAged) = FindGroup(start + ((long)at * KeySize), size, accepted, hour, fingerprints.IsEmpty ? default : fingerprints.Slice(at, size));
                for (int i = at / 8; i < (at + size + 7) / 8; i++, isFound >>= 8, isAged >>= 8)
                {
                    found[i] = unchecked((byte)isFound);
                    if (!aged.IsEmpty)
                    {
                        aged[i] = unchecked((byte)isAged);
                    }
                }
            }
        }
    }

    private static void CheckAnswer(int length, int needed, string name)
    {
        if (length < needed)
        {
            throw new ArgumentException($"The answer needs {needed} elements, not {length}.", name);
        }
    }

    /// <summary>Looks a group up in four passes, each of which fetches for all keys what the next one reads.</summary>
    [SkipLocalsInit]
    private (ulong Found, ulong Aged) FindGroup(byte* keys, int count, in AcceptedGenerations accepted, ushort hour, Span<ulong> fingerprints)
    {
        ulong* places = stackalloc ulong[Group];
        for (int i = 0; i < count; i++)
        {
            ulong fingerprint = _secret.Fingerprint(keys + (i * KeySize));
            if (!fingerprints.IsEmpty)
            {
                fingerprints[i] = fingerprint;
            }

            places[i] = _secret.Place(fingerprint, accepted.Lane);
            First(places[i]).PrefetchTags();
        }

        ulong open = 0;
        for (int i = 0; i < count; i++)
        {
            Bucket first = First(places[i]);
            uint ways = first.Match(TagOf(places[i]));
            if (ways != 0)
            {
                first.PrefetchEntry(BitOperations.TrailingZeroCount(ways));
                open |= 1UL << i;
            }

            if (first.Spilled != 0)
            {
                open |= 1UL << i;
                if (ways == 0)
                {
                    Second(places[i]).PrefetchTags();
                }
            }
        }

        ulong found = 0;
        ulong aged = 0;
        for (; open != 0; open &= open - 1)
        {
            int i = BitOperations.TrailingZeroCount(open);
            int generation = Find(places[i], keys + (i * KeySize), accepted, hour);
            if (generation >= 0)
            {
                found |= 1UL << i;
                aged |= accepted.IsAged((byte)generation) ? 1UL << i : 0;
            }
        }

        return (found, aged);
    }

    /// <summary>Looks a key up.</summary>
    /// <returns>The generation of its entry, or <see cref="Miss"/>.</returns>
    private int Find(ulong place, byte* key, in AcceptedGenerations accepted, ushort hour)
    {
        Bucket first = First(place);
        byte tag = TagOf(place);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            int outcome = Look(first, tag, key, accepted, hour, out uint sequence, out bool spilled);
            if (outcome == Miss && spilled)
            {
                outcome = Look(Second(place), tag, key, accepted, hour, out _, out _);

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
    private static int Look(Bucket bucket, byte tag, byte* key, in AcceptedGenerations accepted, ushort hour, out uint sequence, out bool spilled)
    {
        sequence = Volatile.Read(ref bucket.Sequence);
        spilled = bucket.Spilled != 0;
        int outcome = Miss;
        int way = 0;
        for (uint ways = bucket.Match(tag); ways != 0; ways &= ways - 1)
        {
            way = BitOperations.TrailingZeroCount(ways);
            if (bucket.Lane(way) == accepted.Lane && bucket.HasKey(way, key) && bucket.Expiry(way) > hour)
            {
                byte generation = bucket.Generation(way);
                if (accepted.Accepts(generation))
                {
                    outcome = generation;
                    break;
                }
            }
        }

        // Everything above is read before the sequence is read again.
        Volatile.ReadBarrier();
        if ((sequence & 1) != 0 || bucket.Sequence != sequence)
        {
            return Torn;
        }

        if (outcome >= 0)
        {
            bucket.CountHit(way);
        }

        return outcome;
    }
}
