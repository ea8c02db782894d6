namespace Symantec.Virtualization.DiskImages;

/// <summary>A part of another source.</summary>
internal sealed class SlicedSource : ByteSource
{
    private readonly ByteSource _whole;
    private readonly long _start;
    private readonly bool _ownsWhole;

    public SlicedSource(ByteSource whole, long start, long length, bool ownsWhole = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, whole.Length);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, whole.Length - start);
        _whole = whole;
        _start = start;
        _ownsWhole = ownsWhole;
        Length = length;
    }

    public override long Length { get; }

    protected override void ReadCore(long offset, Span<byte> buffer) => _whole.ReadExactly(_start + offset, buffer, "Slice");

    protected override ByteRun RunAtCore(long offset) => _whole.RunAt(_start + offset);

    protected override void Dispose(bool disposing)
    {
        if (disposing && _ownsWhole)
        {
            _whole.Dispose();
        }

        base.Dispose(disposing);
    }
}
