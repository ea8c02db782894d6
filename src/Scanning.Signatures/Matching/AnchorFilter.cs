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
/// Where all signatures of a target have long runs of bytes, only every fourth offset is looked at. Anchors of two bytes are rare and have a bitmap of their own, with
/// a bit for each pair.
/// </remarks>
internal sealed class AnchorFilter
{
    private readonly AnchorGroup? _each;
    private readonly AnchorGroup? _sparse;
    private readonly AnchorTable[] _shortTables;
    private readonly byte[]? _pairs;

    public AnchorFilter(SignatureImage image, ContentTarget target)
    {
        int[] targets = target == ContentTarget.Any ? [0] : [0, (int)target];
        int[] used = Array.FindAll(targets, index => image.Anchors[index].Slots.Length > 0);
        AnchorTable[] sparse = [.. used.Select(image.SparseAnchorsOf).OfType<AnchorTable>()];
        AnchorTable[] each = [.. used.Where(index => image.SparseAnchorsOf(index) is null).Select(index => image.Anchors[index])];
        _sparse = sparse.Length > 0 ? new AnchorGroup(sparse) : null;
        _each = each.Length > 0 ? new AnchorGroup(each) : null;
        _shortTables = [.. targets.Select(index => image.ShortAnchors[index]).Where(static table => table.Slots.Length > 0)];
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
    public bool IsEmpty => _each is null && _sparse is null && _pairs is null;

    /// <summary>Finds the anchors that begin in a window's zone; those that reach beyond the window are none.</summary>
    /// <param name="window">The window.</param>
    /// <param name="visitor">Is told of them.</param>
    public void Run<TVisitor>(in ByteWindow window, ref TVisitor visitor)
        where TVisitor : struct, IAnchorVisitor, allows ref struct
    {
        _sparse?.RunSparse(window, ref visitor);
        _each?.RunEach(window, ref visitor);
        if (_pairs is { } pairs)
        {
            RunShort(pairs, window.Bytes, window.ZoneStart, Math.Min(window.ZoneEnd, window.Bytes.Length - (Anchor.Short - 1)), ref visitor);
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
