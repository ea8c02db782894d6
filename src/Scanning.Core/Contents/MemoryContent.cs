namespace Symantec.Virtualization.Scanning.Core;

/// <summary>A content in memory.</summary>
/// <param name="location">What to call it.</param>
/// <param name="bytes">Its bytes; they must not change while it is scanned.</param>
public sealed class MemoryContent(string location, ReadOnlyMemory<byte> bytes) : ScanContent
{
    /// <inheritdoc/>
    public override string Location => location;

    /// <inheritdoc/>
    public override long Length => bytes.Length;

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer) => bytes.Span.Slice((int)offset, buffer.Length).CopyTo(buffer);
}
