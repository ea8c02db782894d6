namespace Symantec.Virtualization.DiskImages;

/// <summary>Several sources, one behind the other; it owns them.</summary>
internal sealed class ConcatenatedSource : ByteSource
{
    private readonly ByteSource[] _parts;

    /// <summary>The offset behind each part.</summary>
    private readonly long[] _ends;

    /// <exception cref="OverflowException">The parts are longer than 2^63 - 1 bytes together.</exception>
    public ConcatenatedSource(IReadOnlyList<ByteSource> parts)
    {
        _parts = [.. parts];
        _ends = new long[parts.Count];
        for (int i = 0; i < _parts.Length; i++)
        {
            Length += _parts[i].Length;
            _ends[i] = Length;
        }
    }

    public override long Length { get; }

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        for (int part = PartAt(offset); buffer.Length > 0; part++)
        {
            int count = (int)Math.Min(buffer.Length, _ends[part] - offset);
            _parts[part].ReadExactly(offset - StartOf(part), buffer[..count], "Extent");
            offset += count;
            buffer = buffer[count..];
        }
    }

    protected override ByteRun RunAtCore(long offset)
    {
        int part = PartAt(offset);
        return _parts[part].RunAt(offset - StartOf(part));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Array.ForEach(_parts, static part => part.Dispose());
        }

        base.Dispose(disposing);
    }

    private long StartOf(int part) => _ends[part] - _parts[part].Length;

    private int PartAt(long offset)
    {
        // The part that holds an offset is the first one that ends behind it; empty parts end where their predecessor does.
        int found = Array.BinarySearch(_ends, offset + 1);
        if (found < 0)
        {
            return ~found;
        }

        while (found > 0 && _ends[found - 1] > offset)
        {
            found--;
        }

        return found;
    }
}
