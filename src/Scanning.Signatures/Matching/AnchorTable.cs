using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The anchors of the signatures for one kind of content: from the bytes at an offset to what they make suspect. Immutable.</summary>
/// <remarks>An open-addressed table of keys over a list of records, those of one key beside each other.</remarks>
internal sealed class AnchorTable
{
    private const uint Multiplier = 0x9E3779B1;

    private readonly AnchorSlot[] _slots;
    private readonly AnchorRecord[] _records;
    private readonly int _shift;

    public AnchorTable(AnchorSlot[] slots, AnchorRecord[] records)
    {
        _slots = slots;
        _records = records;
        _shift = 32 - BitOperations.Log2((uint)Math.Max(slots.Length, 2));
    }

    public ReadOnlySpan<AnchorSlot> Slots => _slots;

    public ReadOnlySpan<AnchorRecord> Records => _records;

    /// <summary>Gets the number of keys.</summary>
    public int Count { get; private init; }

    public static AnchorTable Build(IReadOnlyCollection<AnchorKey> anchors)
    {
        AnchorKey[] sorted = [.. anchors.OrderBy(static anchor => anchor.Key)];
        AnchorRecord[] records = Array.ConvertAll(sorted, static anchor => anchor.Record);
        int keys = sorted.Select(static anchor => anchor.Key).Distinct().Count();
        AnchorSlot[] slots = keys == 0 ? [] : new AnchorSlot[(int)BitOperations.RoundUpToPowerOf2((uint)keys * 2)];
        AnchorTable table = new(slots, records);
        for (int start = 0; start < sorted.Length;)
        {
            int end = start;
            while (end < sorted.Length && sorted[end].Key == sorted[start].Key)
            {
                end++;
            }

            slots[table.FreeSlot(sorted[start].Key)] = new AnchorSlot { Key = sorted[start].Key, First = start, Count = end - start };
            start = end;
        }

        return table;
    }

    /// <summary>Finds what the bytes at an offset make suspect.</summary>
    /// <param name="key">The bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<AnchorRecord> Find(uint key)
    {
        AnchorSlot[] slots = _slots;
        if (slots.Length == 0)
        {
            return default;
        }

        int mask = slots.Length - 1;
        for (int at = (int)(unchecked(key * Multiplier) >> _shift) & mask; slots[at].Count != 0; at = (at + 1) & mask)
        {
            if (slots[at].Key == key)
            {
                return _records.AsSpan(slots[at].First, slots[at].Count);
            }
        }

        return default;
    }

    private int FreeSlot(uint key)
    {
        int mask = _slots.Length - 1;
        int at = (int)(unchecked(key * Multiplier) >> _shift) & mask;
        while (_slots[at].Count != 0)
        {
            at = (at + 1) & mask;
        }

        return at;
    }
}

/// <summary>A key and its records; none if the count is 0.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct AnchorSlot
{
    public uint Key;

    public int First;

    public int Count;
}
