using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>The readers.</content>
internal sealed unsafe partial class VerdictTable<TKeys>
{
    private const int Stages = 5;

    public override void Find(ReadOnlySpan<byte> keys, in AcceptedGenerations accepted, ushort hour, Span<byte> found, Span<byte> aged, Span<ulong> fingerprints)
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

        using SystemMemory.Lease lease = Memory.Borrow();
        fixed (byte* start = keys)
        {
            fixed (ulong* kept = fingerprints)
            {
                Find(start, count, accepted, hour, found, aged, kept);
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

    /// <summary>Five stages, each of which fetches what the next one reads; while one step of keys is in the first stage, those before it are in the others.</summary>
    /// <remarks>
    /// A processor has room for some dozens of lines on their way. Stages one after the other over many keys would fill that room at first and leave it empty at last; so
    /// the fetching of some is spread over the computing for others. Whether a key is there is a coin toss to the prediction of branches, so no stage asks it of one
    /// key: each gathers a bit for every key of its step, and goes through those that are set.
    /// </remarks>
    [SkipLocalsInit]
    private void Find(byte* keys, int count, in AcceptedGenerations accepted, ushort hour, Span<byte> found, Span<byte> aged, ulong* fingerprints)
    {
        unchecked
        {
            // Said once for all keys: a clock that is set back meanwhile changes nothing for what began before.
            int expired = hour <= Hours.Swept ? NoneExpired : hour;
            FindStep* flight = stackalloc FindStep[Stages];
            int steps = (count + FindStep.Room - 1) / FindStep.Room;
            for (int turn = 0; turn < steps + Stages - 1; turn++)
            {
                if (turn < steps)
                {
                    FindStep* step = &flight[turn % Stages];
                    step->Keys = keys + (turn * FindStep.Room * KeySize);
                    step->Size = Math.Min(FindStep.Room, count - (turn * FindStep.Room));
                    Locate(step, accepted.Lane, fingerprints == null ? step->Fingerprints : fingerprints + (turn * FindStep.Room));
                }

                if (turn - 1 is int second && second >= 0 && second < steps)
                {
                    LookAtTags(&flight[second % Stages], expired);
                }

                if (turn - 2 is int third && third >= 0 && third < steps)
                {
                    LookAtSecondTags(&flight[third % Stages], expired);
                }

                if (turn - 3 is int fourth && fourth >= 0 && fourth < steps)
                {
                    LookAtKeys(&flight[fourth % Stages], accepted, expired);
                }

                if (turn - 4 is int last && last >= 0)
                {
                    FindStep* step = &flight[last % Stages];
                    Settle(step, accepted, expired);
                    Put(found, last, step->Size, step->Found);
                    Put(aged, last, step->Size, step->Aged);
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
}
