namespace Symantec.Virtualization.DiskImages;

/// <summary>Bytes in memory, read in place.</summary>
/// <param name="bytes">The bytes; they must not change while the source is in use.</param>
public sealed class MemorySource(ReadOnlyMemory<byte> bytes) : ByteSource
{
    /// <inheritdoc/>
    public override long Length => bytes.Length;

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer)
        => bytes.Span.Slice((int)offset, buffer.Length).CopyTo(buffer);
}
