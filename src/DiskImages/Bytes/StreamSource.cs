namespace Symantec.Virtualization.DiskImages;

/// <summary>A seekable stream as a source: the bridge from other libraries' readers.</summary>
/// <remarks>A stream has one position, so concurrent reads wait for each other. Prefer a source of your own where speed matters.</remarks>
public sealed class StreamSource : ByteSource
{
    private readonly Lock _positionLock = new();
    private readonly Stream _stream;
    private readonly bool _leaveOpen;

    /// <summary>Wraps a stream.</summary>
    /// <param name="stream">A stream that can seek and read. Nobody else may use it as long as the source is in use.</param>
    /// <param name="leaveOpen"><see langword="true"/> to leave the stream open when the source is disposed.</param>
    /// <exception cref="ArgumentException">The stream cannot seek or cannot read.</exception>
    public StreamSource(Stream stream, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek || !stream.CanRead)
        {
            throw new ArgumentException("The stream must be able to seek and to read.", nameof(stream));
        }

        _stream = stream;
        _leaveOpen = leaveOpen;
        Length = stream.Length;
    }

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        lock (_positionLock)
        {
            _stream.Position = offset;
            _stream.ReadExactly(buffer);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_leaveOpen)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }
}
