namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A stream that is unpacked frame by frame, and in which members lie one behind the other.</summary>
internal abstract class FrameStream : ForwardStream
{
    /// <summary>A frame has so many bytes at most, and may refer to as many in front of it.</summary>
    protected const int FrameSize = 32 << 10;

    private readonly byte[] _frame = new byte[FrameSize];
    private int _count;
    private int _taken;
    private bool _isBroken;

    /// <summary>Gets how many bytes were read.</summary>
    public long Offset { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        while (_taken == _count)
        {
            if (_isBroken)
            {
                throw new InvalidDataException("what lies in front of it is damaged");
            }

            _isBroken = true;
            _count = ReadFrame(_frame);
            _taken = 0;
            _isBroken = false;
            if (_count == 0)
            {
                return 0;
            }
        }

        int count = Math.Min(buffer.Length, _count - _taken);
        _frame.AsSpan(_taken, count).CopyTo(buffer);
        _taken += count;
        Offset += count;
        return count;
    }

    public void SkipTo(long offset)
    {
        Span<byte> skipped = stackalloc byte[4096];
        while (Offset < offset)
        {
            if (Read(skipped[..(int)Math.Min(skipped.Length, offset - Offset)]) == 0)
            {
                throw new EndOfStreamException($"all members end at {Offset:N0}, in front of {offset:N0}");
            }
        }
    }

    /// <summary>Unpacks the next frame over the one before.</summary>
    /// <returns>The number of bytes in it; 0 at the end.</returns>
    protected abstract int ReadFrame(byte[] frame);
}
