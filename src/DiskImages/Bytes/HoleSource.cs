namespace Symantec.Virtualization.DiskImages;

/// <summary>Bytes that are all zero and stored nowhere.</summary>
/// <param name="length">The number of bytes.</param>
internal sealed class HoleSource(long length) : ByteSource
{
    public override long Length => length;

    protected override void ReadCore(long offset, Span<byte> buffer) => buffer.Clear();

    protected override ByteRun RunAtCore(long offset) => new(IsStored: false, length - offset);
}
