namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Makes bytes of UTF-16, as ClamAV does for HTML: the lower half, with the upper half's low digit added to the high digit.</summary>
/// <remarks>So ASCII stays what it is, and whatever else comes out is the same for both scanners. The order is little-endian whatever a mark says.</remarks>
internal sealed class NarrowingFilter(IByteFilter next) : IByteFilter
{
    private readonly byte[] _narrow = new byte[1024];
    private int _first = -1;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        int count = 0;
        foreach (byte value in bytes)
        {
            if (_first < 0)
            {
                _first = value;
                continue;
            }

            _narrow[count++] = (byte)(((value << 4) + _first) & 0xFF);
            _first = -1;
            if (count == _narrow.Length)
            {
                next.Append(_narrow);
                count = 0;
            }
        }

        next.Append(_narrow.AsSpan(0, count));
    }

    public void Complete() => next.Complete();
}
