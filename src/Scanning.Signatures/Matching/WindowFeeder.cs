using System.Buffers;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Looks at the windows of a content, one after the other.</summary>
internal interface IWindowConsumer
{
    /// <summary>Looks at a window's zone.</summary>
    void Consume(in ByteWindow window);
}

/// <summary>Makes windows of bytes that come in pieces: each offset lies in one window's zone, with enough bytes around it.</summary>
/// <remarks>
/// A content of up to <see cref="WholeLimit"/> stays in memory as a whole. Of long stretches of zeros only the edges are looked at: what could be found inside of
/// them is found at their beginning.
/// </remarks>
internal sealed class WindowFeeder : IDisposable
{
    /// <summary>The length up to which a content is kept.</summary>
    public const int WholeLimit = 4 << 20;

    /// <summary>Zones are small enough for the processor's cache to hold them.</summary>
    private const int ZoneSize = 256 << 10;

    private readonly int _reach;
    private readonly IWindowConsumer _consumer;
    private readonly bool _looksIntoZeros;
    private readonly byte[] _buffer;
    private long _origin;
    private int _filled;
    private int _zoneStart;
    private long _next;
    private long _zeros;

    /// <param name="length">The content's length, if it is known; buffers are no larger than it needs.</param>
    /// <param name="reach">How many bytes around an offset must be at hand.</param>
    /// <param name="consumer">Looks at the windows.</param>
    /// <param name="looksIntoZeros">Whether each zero is looked at.</param>
    public WindowFeeder(long? length, int reach, IWindowConsumer consumer, bool looksIntoZeros = false)
    {
        _reach = reach;
        _consumer = consumer;
        _looksIntoZeros = looksIntoZeros;
        _buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(length ?? WholeLimit, WholeLimit) + (8 * reach));
    }

    /// <summary>Gets the number of bytes so far, those of holes included.</summary>
    public long Length => _next;

    /// <summary>Gets a value indicating whether all bytes are in memory.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Gets all bytes, if they are in memory.</summary>
    public ReadOnlySpan<byte> Whole => IsWhole ? _buffer.AsSpan(0, _filled) : throw new InvalidOperationException("The content is not in memory as a whole.");

    /// <summary>Takes bytes. What lies between them and those before is a hole.</summary>
    /// <param name="offset">The offset of the first.</param>
    /// <param name="bytes">The bytes.</param>
    public void Append(long offset, ReadOnlySpan<byte> bytes)
    {
        _zeros += offset - _next;
        _next = offset + bytes.Length;
        if (!_looksIntoZeros && !bytes.ContainsAnyExcept((byte)0))
        {
            _zeros += bytes.Length;
            return;
        }

        AppendZeros();
        AppendBytes(bytes);
    }

    /// <summary>Ends the content.</summary>
    /// <param name="length">Its length: what is not there was a hole.</param>
    public void Complete(long length)
    {
        _zeros += length - _next;
        _next = length;
        AppendZeros();
        Process(isAtEnd: true);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void AppendZeros()
    {
        long zeros = _zeros;
        _zeros = 0;
        if (zeros <= 4L * _reach || (IsWhole && _origin + _filled + zeros <= _buffer.Length) || _looksIntoZeros)
        {
            FillZeros(zeros);
            return;
        }

        // Both edges, with as many zeros beside them as anything reaches.
        FillZeros(2L * _reach);
        Process(isAtEnd: false);
        _origin = _origin + _filled + zeros - (4L * _reach);
        _filled = 2 * _reach;
        _zoneStart = _reach;
        _buffer.AsSpan(0, _filled).Clear();
        IsWhole = false;
    }

    private void FillZeros(long count)
    {
        while (count > 0)
        {
            MakeRoom();
            int piece = (int)Math.Min(count, _buffer.Length - _filled);
            _buffer.AsSpan(_filled, piece).Clear();
            _filled += piece;
            count -= piece;
        }
    }

    private void AppendBytes(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            MakeRoom();
            int piece = Math.Min(bytes.Length, _buffer.Length - _filled);
            bytes[..piece].CopyTo(_buffer.AsSpan(_filled));
            _filled += piece;
            bytes = bytes[piece..];
            if (_filled - _zoneStart >= ZoneSize + _reach)
            {
                Process(isAtEnd: false);
            }
        }
    }

    private void MakeRoom()
    {
        if (_filled < _buffer.Length)
        {
            return;
        }

        Process(isAtEnd: false);
        int kept = Math.Max(0, _zoneStart - _reach);
        _buffer.AsSpan(kept, _filled - kept).CopyTo(_buffer);
        _origin += kept;
        _filled -= kept;
        _zoneStart -= kept;
        IsWhole &= kept == 0;
    }

    private void Process(bool isAtEnd)
    {
        int zoneEnd = isAtEnd ? _filled : _filled - _reach;
        if (zoneEnd > _zoneStart || isAtEnd)
        {
            _consumer.Consume(new ByteWindow(_buffer.AsSpan(0, _filled), _origin, _zoneStart, Math.Max(zoneEnd, _zoneStart), isAtEnd));
            _zoneStart = Math.Max(zoneEnd, _zoneStart);
        }
    }
}
