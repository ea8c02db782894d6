using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Takes what an anchor makes suspect.</summary>
internal interface IAnchorVisitor
{
    /// <summary>An anchor stands at an offset.</summary>
    /// <param name="offset">Its offset in the window.</param>
    /// <param name="records">What it belongs to.</param>
    void Visit(int offset, ReadOnlySpan<AnchorRecord> records);
}

/// <summary>Finds the anchors in bytes: for contents of one target, its own and those of signatures for any. Immutable.</summary>
/// <remarks>
/// At every offset four bytes are hashed to a bit of a bitmap that fits the processor's cache; nearly all offsets end there. Where the bit is set, the tables are
/// asked. Anchors of two bytes are rare and have a bitmap of their own, with a bit for each pair.
/// </remarks>
internal sealed class AnchorFilter
{
    private const uint Multiplier = 0x9E3779B1;
    private const int MinBits = 15;
    private const int MaxBits = 21;

    private readonly AnchorTable[] _tables;
    private readonly AnchorTable[] _shortTables;
    private readonly byte[] _bits;
    private readonly byte[]? _pairs;
    private readonly int _shift;

    public AnchorFilter(SignatureImage image, ContentTarget target)
    {
        int[] targets = target == ContentTarget.Any ? [0] : [0, (int)target];
        _tables = [.. targets.Select(index => image.Anchors[index]).Where(static table => table.Slots.Length > 0)];
        _shortTables = [.. targets.Select(index => image.ShortAnchors[index]).Where(static table => table.Slots.Length > 0)];
        int keys = _tables.Sum(static table => table.Slots.Length / 2);
        int bits = Math.Clamp(BitOperations.Log2((uint)Math.Max(keys, 1)) + 6, MinBits, MaxBits);
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

        if (_shortTables.Length > 0)
        {
            _pairs = new byte[65536 / 8];
            foreach (AnchorTable table in _shortTables)
            {
                foreach (AnchorSlot slot in table.Slots)
                {
                    if (slot.Count > 0)
                    {
                        _pairs[slot.Key >> 3] |= (byte)(1 << (int)(slot.Key & 7));
                    }
                }
            }
        }
    }

    /// <summary>Gets a value indicating whether there is nothing to look for.</summary>
    public bool IsEmpty => _tables.Length == 0 && _shortTables.Length == 0;

    /// <summary>Finds the anchors that begin in a stretch of a window.</summary>
    /// <param name="window">The window; anchors that reach beyond it are none.</param>
    /// <param name="start">The first offset.</param>
    /// <param name="end">The offset behind the last.</param>
    /// <param name="visitor">Is told of them.</param>
    public void Run<TVisitor>(ReadOnlySpan<byte> window, int start, int end, ref TVisitor visitor)
        where TVisitor : struct, IAnchorVisitor, allows ref struct
    {
        if (_tables.Length > 0)
        {
            RunUsual(window, start, Math.Min(end, window.Length - (Anchor.Usual - 1)), ref visitor);
        }

        if (_pairs is { } pairs)
        {
            RunShort(pairs, window, start, Math.Min(end, window.Length - (Anchor.Short - 1)), ref visitor);
        }
    }

    private void RunUsual<TVisitor>(ReadOnlySpan<byte> window, int start, int end, ref TVisitor visitor)
        where TVisitor : struct, IAnchorVisitor, allows ref struct
    {
        ref byte bytes = ref MemoryMarshal.GetReference(window);
        ref byte bits = ref MemoryMarshal.GetArrayDataReference(_bits);
        int shift = _shift;
        int at = start;

        // Eight bytes are read for four offsets; the last of them are done one by one.
        for (int last = Math.Min(end, window.Length - sizeof(ulong)) - 4; at <= last; at += 4)
        {
            ulong eight = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, at));
            uint h0 = unchecked((uint)eight * Multiplier) >> shift;
            uint h1 = unchecked((uint)(eight >> 8) * Multiplier) >> shift;
            uint h2 = unchecked((uint)(eight >> 16) * Multiplier) >> shift;
            uint h3 = unchecked((uint)(eight >> 24) * Multiplier) >> shift;
            int hits = ((Unsafe.Add(ref bits, h0 >> 3) >> (int)(h0 & 7)) & 1)
                | (((Unsafe.Add(ref bits, h1 >> 3) >> (int)(h1 & 7)) & 1) << 1)
                | (((Unsafe.Add(ref bits, h2 >> 3) >> (int)(h2 & 7)) & 1) << 2)
                | (((Unsafe.Add(ref bits, h3 >> 3) >> (int)(h3 & 7)) & 1) << 3);
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
            uint hash = unchecked(four * Multiplier) >> shift;
            if (((Unsafe.Add(ref bits, hash >> 3) >> (int)(hash & 7)) & 1) != 0)
            {
                Visit(four, at, ref visitor);
            }
        }
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

    private void RunShort<TVisitor>(byte[] pairs, ReadOnlySpan<byte> window, int start, int end, ref TVisitor visitor)
        where TVisitor : struct, IAnchorVisitor, allows ref struct
    {
        for (int at = start; at < end; at++)
        {
            int pair = window[at] | (window[at + 1] << 8);
            if (((pairs[pair >> 3] >> (pair & 7)) & 1) == 0)
            {
                continue;
            }

            foreach (AnchorTable table in _shortTables)
            {
                ReadOnlySpan<AnchorRecord> records = table.Find((uint)pair);
                if (!records.IsEmpty)
                {
                    visitor.Visit(at, records);
                }
            }
        }
    }
}
