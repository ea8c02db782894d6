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
    /// <exception cref="ImageFormatException">What follows is no attribute.</exception>
    public bool MoveNext()
    {
        Current = new NtfsAttribute(_used[_next..], origin + _next);
        _next += Current.Length;
        return Current.Type != AttributeType.End;
    }
}
