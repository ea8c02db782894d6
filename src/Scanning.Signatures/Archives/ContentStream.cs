using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A stretch of a content, for unpackers that want a stream. They often ask for single bytes, so it is buffered.</summary>
internal sealed class ContentStream(ScanContent content, long start, long length, ArchiveBudget budget, CancellationToken token) : Stream
{
    private const int BufferSize = 32 << 10;

    private readonly long _length = Math.Clamp(length, 0, Math.Max(0, content.Length - start));
    private byte[] _buffer = [];
    private long _bufferStart;
    private int _bufferCount;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set => _position = Math.Max(0, value);
    }

    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Clamp(_length - _position, 0, buffer.Length);
        if (count == 0)
        {
            return 0;
        }

        if (count >= BufferSize)
        {
            Fetch(_position, buffer[..count]);
            _position += count;
            return count;
        }

        if (_position < _bufferStart || _position >= _bufferStart + _bufferCount)
        {
            int size = (int)Math.Min(BufferSize, _length - _position);
            if (_buffer.Length < size)
            {
                _buffer = new byte[size];
            }

            Fetch(_position, _buffer.AsSpan(0, size));
            _bufferStart = _position;
            _bufferCount = size;
        }

        int at = (int)(_position - _bufferStart);
        count = Math.Min(count, _bufferCount - at);
        _buffer.AsSpan(at, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int ReadByte()
    {
        // Unpackers fetch most of their bytes here.
        if (_position >= _bufferStart && _position < _bufferStart + _bufferCount)
        {
            return _buffer[(int)(_position++ - _bufferStart)];
        }

        Span<byte> one = stackalloc byte[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    public override long Seek(long offset, SeekOrigin origin)
        => Position = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => _position, _ => _length };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Fetch(long offset, Span<byte> buffer)
    {
        token.ThrowIfCancellationRequested();
        if (!budget.HasTime())
        {
            throw new ArchiveLimitException(budget.Exhausted!);
        }

        try
        {
            if (content.Read(start + offset, buffer) != buffer.Length)
            {
                throw new EndOfStreamException();
            }
        }
        catch (IOException e)
        {
            throw new ContainerReadException(e);
        }
    }
}
