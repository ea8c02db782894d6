namespace Symantec.Virtualization.DiskImages;

/// <summary>Bytes that should be there and are not: every read is the fault, so that they are never taken for zeros.</summary>
/// <param name="length">The number of bytes that should be there.</param>
/// <param name="fault">Why they are not.</param>
internal sealed class UnreadableSource(long length, ImageFault fault) : ByteSource
{
    public override long Length => length;

    protected override void ReadCore(long offset, Span<byte> buffer) => throw new ImageFormatException(fault);
}
