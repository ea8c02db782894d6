using System.Numerics;
using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>The readers.</content>
internal sealed unsafe partial class VerdictTable
{
    /// <summary>How many keys make a step of the pipeline: enough that their lines come from memory while the step before and the step behind compute.</summary>
    private const int Step = 16;

    /// <summary>The keys between the first stage of the pipeline and the last.</summary>
    private const int InFlight = Stages * Step;

    private const int Stages = 4;

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
            Find(start, count, accepted, hour, found, aged, fingerprints);
        }
    }

    private static void CheckAnswer(int length, int needed, string name)
    {
        if (length < needed)
        {
            throw new ArgumentException($"The answer needs {needed} elements, not {length}.", name);
        }
    }

    /// <summary>Four stages, each of which fetches what the next one reads; while one step of keys is in the first stage, those before it are in the others.</summary>
    /// <remarks>
    /// A processor has room for some ten lines on their way. Stages one after the other over many keys would fill that room at first and leave it empty at last; so
    /// the fetching of some is spread over the computing for others. Whether a key is there is a coin toss to the prediction of branches, so the first stages choose by
    /// arithmetic what to fetch.
    /// </remarks>
    [SkipLocalsInit]
    private void Find(byte* keys, int count, in AcceptedGenerations accepted, ushort hour, Span<byte> found, Span<byte> aged, Span<ulong> fingerprints)
    {
        unchecked
        {
            ulong* places = stackalloc ulong[InFlight];
            uint* sequences = stackalloc uint[InFlight];
            StepState* states = stackalloc StepState[Stages];
            int steps = (count + Step - 1) / Step;
            for (int turn = 0; turn < steps + Stages - 1; turn++)
            {
                if (turn < steps)
                {
                    int size = Math.Min(Step, count - (turn * Step));
                    states[turn % Stages].Size = size;
                    Locate(keys + (turn * Step * KeySize), size, accepted.Lane, places + (turn % Stages * Step),
                        fingerprints.IsEmpty ? default : fingerprints.Slice(turn * Step, size));
                }

                if (turn - 1 is int first && first >= 0 && first < steps)
                {
                    LookAtTags(places + (first % Stages * Step), sequences + (first % Stages * Step), ref states[first % Stages]);
                }

                if (turn - 2 is int second && second >= 0 && second < steps)
                {
                    LookAtSecondTags(places + (second % Stages * Step), sequences + (second % Stages * Step), ref states[second % Stages]);
                }

                if (turn - 3 is int last && last >= 0)
                {
                    StepState state = states[last % Stages];
                    (uint isFound, uint isAged) = Decide(keys + (last * Step * KeySize), places + (last % Stages * Step), state.Open, accepted, hour);
                    Put(found, last, state.Size, isFound);
                    Put(aged, last, state.Size, isAged);
                }
            }
        }
    }

    /// <summary>Writes the bits of a step, unless nobody wants them.</summary>
    private static void Put(Span<byte> answer, int step, int size, uint bits)
    {
        if (!answer.IsEmpty)
        {
            answer[step * 2] = unchecked((byte)bits);
            if (size > 8)
            {
                answer[(step * 2) + 1] = (byte)(bits >> 8);
            }
        }
    }

    /// <summary>First stage: where the keys live.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Locate(byte* keys, int size, byte lane, ulong* places, Span<ulong> fingerprints)
    {
        unchecked
        {
            for (int i = 0; i < size; i++)
            {
                ulong fingerprint = _secret.Fingerprint(keys + (i * KeySize));
                if (!fingerprints.IsEmpty)
                {
                    fingerprints[i] = fingerprint;
                }

                places[i] = _secret.Place(fingerprint, lane);
                First(places[i]).PrefetchTags();
            }
        }
    }

    /// <summary>Second stage: whether the first bucket has a candidate, or the second may have one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void LookAtTags(ulong* places, uint* sequences, ref StepState state)
    {
        unchecked
        {
            uint open = 0;
            uint spilled = 0;
            for (int i = 0; i < state.Size; i++)
            {
                Bucket first = First(places[i]);
                sequences[i] = Volatile.Read(ref first.Sequence);
                uint hasSpilled = IsNotZero(Volatile.Read(ref first.Spilled));
                uint ways = first.Match(TagOf(places[i]));
                uint isOpen = IsNotZero(ways);
                uint isSpilled = hasSpilled & (isOpen ^ 1);

                // A candidate's key, or else the second bucket where that may help, or else what is there already.
                nint start = (nint)first.Start;
                nint key = Bucket.At.Keys + (BitOperations.TrailingZeroCount(ways) * Bucket.KeySize);
                Prefetch.Read((byte*)(start + (key & -(nint)isOpen) + (((nint)Second(places[i]).Start - start) & -(nint)isSpilled)));
                Prefetch.Read((byte*)(start + (64 & -(nint)isOpen)));
                open |= isOpen << i;
                spilled |= isSpilled << i;
            }

            state.Open = open;
            state.Spilled = spilled;
        }
    }

    /// <summary>Third stage: whether the second bucket has a candidate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void LookAtSecondTags(ulong* places, uint* sequences, ref StepState state)
    {
        unchecked
        {
            for (uint spilled = state.Spilled; spilled != 0; spilled &= spilled - 1)
            {
                int i = BitOperations.TrailingZeroCount(spilled);
                Bucket second = Second(places[i]);
                uint ways = second.Match(TagOf(places[i]));
                uint isOpen = IsNotZero(ways);
                nint key = Bucket.At.Keys + (BitOperations.TrailingZeroCount(ways) * Bucket.KeySize);
                Prefetch.Read(second.Start + (key & -(nint)isOpen));
                Prefetch.Read(second.Start + (64 & -(nint)isOpen));

                // In neither bucket, and not moved from one to the other meanwhile; else the last stage looks closely.
                Volatile.ReadBarrier();
                uint moved = (First(places[i]).Sequence ^ sequences[i]) | (sequences[i] & 1);
                state.Open |= (isOpen | IsNotZero(moved)) << i;
            }
        }
    }

    /// <summary>Last stage: whether the candidates are the keys, and answer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (uint Found, uint Aged) Decide(byte* keys, ulong* places, uint open, in AcceptedGenerations accepted, ushort hour)
    {
        unchecked
        {
            uint found = 0;
            uint aged = 0;
            for (; open != 0; open &= open - 1)
            {
                int i = BitOperations.TrailingZeroCount(open);
                int generation = Find(places[i], keys + (i * KeySize), accepted, hour);
                if (generation >= 0)
                {
                    found |= 1u << i;
                    aged |= (accepted.IsAged((byte)generation) ? 1u : 0) << i;
                }
            }

            return (found, aged);
        }
    }

    /// <summary>1 for all but 0, without a branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint IsNotZero(uint value) => unchecked(value | (0 - value)) >> 31;

    /// <summary>The keys of a step on their way.</summary>
    private struct StepState
    {
        public int Size;

        /// <summary>A bit for each key that has a candidate.</summary>
        public uint Open;

        /// <summary>A bit for each key that has none in its first bucket, but may have one in the second.</summary>
        public uint Spilled;
    }
}
