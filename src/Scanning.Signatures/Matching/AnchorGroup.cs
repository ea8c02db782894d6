using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Anchors of four bytes that are looked for together. Immutable.</summary>
/// <remarks>
/// Four bytes are hashed to a bit of a bitmap that fits the processor's cache; nearly all offsets end there. Where the bit is set, the tables are asked.
/// </remarks>
internal sealed class AnchorGroup
{
    private const uint Multiplier = 0x9E3779B1;
    private const int MinBits = 15;
    private const int MaxBits = 21;

    /// <summary>By which power of two there are more bits than keys. Fewer would be nearer at hand, but let more pass.</summary>
    private const int SpareBits = 6;

    private readonly AnchorTable[] _tables;
    private readonly byte[] _bits;
    private readonly int _shift;

    public AnchorGroup(AnchorTable[] tables)
    {
        _tables = tables;
        int keys = _tables.Sum(static table => table.Slots.Length / 2);
        int bits = Math.Clamp(BitOperations.Log2((uint)Math.Max(keys, 1)) + SpareBits, MinBits, MaxBits);
        _shift = 32 - bits;
        _bits = new byte[1 << (bits - 3)];
        foreach (AnchorTable table in _tables)
        {
            foreach (AnchorSlot slot in table.Slots)
            {
                if (slot.Count > 0)
                {
                    uint hash = unchecked(slot.Key * Multiplier) >> _shift;
                    _bits[hash >> 3] |= (byte)(1 << (int)(hash & 7));
                }
            }
        }
    }

    /// <summary>Finds the anchors at every offset of a window's zone.</summary>
    public void RunEach<TVisitor>(in ByteWindow window, ref TVisitor visitor)
        where TVisitor : struct, IAnchorVisitor, allows ref struct
    {
        ref byte bytes = ref MemoryMarshal.GetReference(window.Bytes);
        ref byte bits = ref MemoryMarshal.GetArrayDataReference(_bits);
        int shift = _shift;
        int at = window.ZoneStart;
        int end = Math.Min(window.ZoneEnd, window.Bytes.Length - (Anchor.Usual - 1));

        // Eight bytes are read for four offsets; the last of them are done one by one.
        for (int last = Math.Min(end, window.Bytes.Length - sizeof(ulong)) - 4; at <= last; at += 4)
        {
            ulong eight = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, at));
            int hits = Bit(ref bits, eight, shift) | (Bit(ref bits, eight >> 8, shift) << 1) | (Bit(ref bits, eight >> 16, shift) << 2) | (Bit(ref bits, eight >> 24, shift) << 3);
            while (hits != 0)
            {
                int which = BitOperations.TrailingZeroCount(hits);
                hits &= hits - 1;
                Visit(unchecked((uint)(eight >> (8 * which))), at + which, ref visitor);
            }
        }

        for (; at < end; at++)
        {
            uint four = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref bytes, at));
            if (Bit(ref bits, four, shift) != 0)
            {
                Visit(four, at, ref visitor);
            }
        }
    }

    /// <summary>Finds the anchors at every fourth offset of a window's zone, as <see cref="SparseAnchors"/> count them.</summary>
    public void RunSparse<TVisitor>(in ByteWindow window, ref TVisitor visitor)
        where TVisitor : struct, IAnchorVisitor, allows ref struct
    {
        const int Step = SparseAnchors.Step;
        ref byte bytes = ref MemoryMarshal.GetReference(window.Bytes);
        ref byte bits = ref MemoryMarshal.GetArrayDataReference(_bits);
        int shift = _shift;
        int at = window.ZoneStart + (int)(-(window.Origin + window.ZoneStart) & (Step - 1));
        int end = Math.Min(window.ZoneEnd, window.Bytes.Length - (Anchor.Usual - 1));
        for (int last = end - (3 * Step) - 1; at <= last; at += 4 * Step)
        {
            ref byte place = ref Unsafe.Add(ref bytes, at);
            int hits = Bit(ref bits, Unsafe.ReadUnaligned<uint>(ref place), shift)
                | (Bit(ref bits, Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref place, Step)), shift) << Step)
                | (Bit(ref bits, Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref place, 2 * Step)), shift) << (2 * Step))
                | (Bit(ref bits, Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref place, 3 * Step)), shift) << (3 * Step));
            while (hits != 0)
            {
                int which = at + BitOperations.TrailingZeroCount(hits);
                hits &= hits - 1;
                Visit(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref bytes, which)), which, ref visitor);
            }
        }

        for (; at < end; at += Step)
        {
            uint four = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref bytes, at));
            if (Bit(ref bits, four, shift) != 0)
            {
                Visit(four, at, ref visitor);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Bit(ref byte bits, ulong bytes, int shift)
    {
        uint hash = unchecked((uint)bytes * Multiplier) >> shift;
        return (Unsafe.Add(ref bits, hash >> 3) >> (int)(hash & 7)) & 1;
    }

    private void Visit<TVisitor>(uint key, int at, ref TVisitor visitor)
        where TVisitor : struct, IAnchorVisitor, allows ref struct
    {
        foreach (AnchorTable table in _tables)
        {
            ReadOnlySpan<AnchorRecord> records = table.Find(key);
            if (!records.IsEmpty)
            {
                visitor.Visit(at, records);
            }
        }
    }
}
