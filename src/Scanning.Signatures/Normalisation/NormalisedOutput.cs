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
            MakeRoom();
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

    /// <summary>Gets where the next bytes go: as many as asked for, or more. Those that are there to stay are counted by <see cref="Advance"/>.</summary>
    public Span<byte> Room(int count)
    {
        if (_count > Size - count)
        {
            MakeRoom();
        }

        return _buffer.AsSpan(_count);
    }

    /// <summary>Counts bytes that were put where <see cref="Room"/> said.</summary>
    public void Advance(int count) => _count += count;

    /// <summary>Takes the last byte back, if there is one: at most one in a row.</summary>
    public void TakeBack() => _count -= Math.Min(_count, 1);

    /// <summary>Hands on what is left.</summary>
    public void Complete()
    {
        HandOn(_count);
        _count = 0;
    }

    /// <summary>Hands on all but the last byte, since that may be taken back.</summary>
    private void MakeRoom()
    {
        byte last = _buffer[_count - 1];
        HandOn(_count - 1);
        _buffer[0] = last;
        _count = 1;
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
