using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Collects single bytes of a normalised view, and hands them on in pieces.</summary>
/// <param name="onBytes">Takes the pieces.</param>
internal sealed class NormalisedOutput(ContentWindow onBytes)
{
    private const int Size = 16 << 10;

    private readonly byte[] _buffer = new byte[Size];
    private long _offset;
    private int _count;

    /// <summary>Gets the number of bytes so far.</summary>
    public long Length => _offset + _count;

    /// <summary>Gets or sets why something is missing in it; <see langword="null"/> if nothing is.</summary>
    public string? Cut { get; set; }

    public void Write(byte value)
    {
        if (_count == Size)
        {
            // The last byte stays, since it may be taken back.
            HandOn(Size - 1);
            _buffer[0] = _buffer[Size - 1];
            _count = 1;
        }

        _buffer[_count++] = value;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            Write(value);
        }
    }

    /// <summary>Takes the last byte back, if there is one: at most one in a row.</summary>
    public void TakeBack() => _count -= Math.Min(_count, 1);

    /// <summary>Hands on what is left.</summary>
    public void Complete()
    {
        HandOn(_count);
        _count = 0;
    }

    private void HandOn(int count)
    {
        if (count > 0)
        {
            onBytes(_offset, _buffer.AsSpan(0, count));
            _offset += count;
        }
    }
}
