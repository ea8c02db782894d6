namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>Walks the attributes of a file record, which lie one behind the other up to an end mark.</summary>
internal ref struct AttributeWalk(ReadOnlySpan<byte> slot, FileRecord record, long origin)
{
    private readonly ReadOnlySpan<byte> _used = slot[..record.BytesInUse];
    private int _next = record.FirstAttribute;

    /// <summary>Gets the attribute that <see cref="MoveNext"/> came to.</summary>
    public NtfsAttribute Current { get; private set; }

    /// <summary>Goes to the next attribute.</summary>
    /// <returns><see langword="false"/> at the end mark.</returns>
    /// <exception cref="ImageFormatException">What follows is no attribute, or an end mark with attributes behind it.</exception>
    public bool MoveNext()
    {
        Current = new NtfsAttribute(_used[_next..], origin + _next);
        if (Current.Type != AttributeType.End)
        {
            _next += Current.Length;
            return true;
        }

        // The mark counts as 8 bytes, of which 4 mean something.
        return _used.Length - _next <= 8
            ? false
            : throw new ImageFormatException(new ImageFault(
                ImageFaultKind.Mismatch, FileRecord.Structure, "BytesInUse", origin + FileRecord.BytesInUseField,
                $"{_used.Length} bytes are in use, and an end mark stands at 0x{_next:X}"));
    }
}
