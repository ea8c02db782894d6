using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>A content that some have voted for or are scanning, and that is not clean yet: two cache lines.</summary>
/// <remarks>
/// <code>
///   0  32  key
///  32   1  lane, 0 for an empty slot
///  33   1  generation
///  34   1  parties in use, 0 to 7
///  35   1  0
///  36   4  touched, the second of the last vote or lease
///  40  84  7 parties of voter, holder, deadline
/// 124   4  voted, the second of its first vote; 0 if it has none
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = Size)]
internal struct PendingSlot
{
    public const int Size = 128;
    public const int MaxParties = 7;

    public Key32 Key;
    public byte Lane;
    public byte Generation;
    public byte Count;
    private readonly byte _reserved;
    public uint Touched;
    public PartyArray Parties;
    public uint Voted;

    [InlineArray(MaxParties)]
    public struct PartyArray
    {
        private Party _first;
    }

    [InlineArray(32)]
    public struct Key32
    {
        private byte _first;
    }

    public readonly bool Is(ReadOnlySpan<byte> key, byte lane) => Lane == lane && key.SequenceEqual(Key);

    /// <summary>Makes the slot one of another content.</summary>
    public void Begin(ReadOnlySpan<byte> key, byte lane, byte generation)
    {
        this = default;
        key.CopyTo(Key);
        Lane = lane;
        Generation = generation;
    }

    public readonly int IndexOf(uint voter, uint holder)
    {
        for (int i = 0; i < Count; i++)
        {
            if (Parties[i].Voter == voter && (Parties[i].Holder == holder || Parties[i].HasVoted))
            {
                return i;
            }
        }

        return -1;
    }

    public readonly bool HasVoted(uint voter)
    {
        for (int i = 0; i < Count; i++)
        {
            if (Parties[i].Voter == voter && Parties[i].HasVoted)
            {
                return true;
            }
        }

        return false;
    }

    public readonly int Votes()
    {
        int votes = 0;
        for (int i = 0; i < Count; i++)
        {
            votes += Parties[i].HasVoted ? 1 : 0;
        }

        return votes;
    }

    /// <summary>Takes a party in; one whose lease has run out makes room.</summary>
    /// <returns><see langword="false"/> if there is no room.</returns>
    public bool TryAdd(Party party, uint second)
    {
        int place = Count;
        for (int i = 0; place == MaxParties && i < Count; i++)
        {
            place = !Parties[i].HasVoted && !Parties[i].IsScanning(second) ? i : place;
        }

        if (place == MaxParties)
        {
            return false;
        }

        Parties[place] = party;
        Count = Math.Max(Count, (byte)(place + 1));
        return true;
    }

    public void RemoveAt(int index)
    {
        Count--;
        Parties[index] = Parties[Count];
        Parties[Count] = default;
    }
}
