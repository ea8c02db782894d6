namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>A stream whose bytes stand in the file's record.</summary>
/// <param name="value">A copy of the bytes.</param>
internal sealed class ResidentStream(byte[] value) : DataStream
{
    protected override ByteSource OpenCore() => new MemorySource(value);
}

/// <summary>A stream whose bytes lie in clusters.</summary>
/// <param name="geometry">The volume's units.</param>
/// <param name="openMap">Finds the stream's clusters.</param>
internal sealed class NonResidentStream(NtfsGeometry geometry, Func<ClusterMap> openMap) : DataStream
{
    public required long Initialized { get; init; }

    /// <summary>Gets the number of clusters that are compressed together, as an exponent; <see langword="null"/> for a stream that is stored as it is.</summary>
    public required int? CompressionUnit { get; init; }

    protected override ByteSource OpenCore() => CompressionUnit is { } unit
        ? new CompressedSource(geometry, openMap(), Length, Initialized, unit)
        : new NonResidentSource(geometry, openMap(), Length, Initialized);
}

/// <summary>A stream of which is known only why it cannot be read.</summary>
internal sealed class UnreadableStream : DataStream
{
    protected override ByteSource OpenCore() => throw new InvalidOperationException("A stream with a fault is never opened.");
}
