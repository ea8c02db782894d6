namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads the lines of a file of definitions: bytes, bounded, without what ends them.</summary>
internal sealed class LineReader(Stream stream, int maxLineLength = LineReader.MaxLineLength)
{
    /// <summary>ClamAV's own limit for lines of flat files.</summary>
    public const int MaxLineLength = 8192;

    /// <summary>The limit for lines of logical signatures, of which ClamAV allows longer ones.</summary>
    public const int MaxLogicalLineLength = 64 << 10;

    private readonly byte[] _buffer = new byte[2 * MaxLogicalLineLength];
    private int _start;
    private int _end;
    private bool _atEnd;

    /// <summary>Gets the number of the line that was read last, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Reads the next line.</summary>
    /// <param name="line">The line; valid until the next call. Empty if it is too long.</param>
    /// <param name="isTooLong">Whether the line is longer than is allowed.</param>
    /// <returns><see langword="false"/> at the end of the file.</returns>
    public bool TryRead(out ReadOnlySpan<byte> line, out bool isTooLong)
    {
        Number++;
        isTooLong = false;
        int searched = 0;
        while (true)
        {
            int at = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                line = Take(searched + at, ending: 1);
                isTooLong = line.Length > maxLineLength;
                line = isTooLong ? default : line;
                return true;
            }

            searched = _end - _start;
            if (searched > maxLineLength)
            {
                isTooLong = true;
                SkipLine();
                line = default;
                return true;
            }

            if (_atEnd)
            {
                line = Take(searched, ending: 0);
                return searched > 0;
            }

            Fill();
        }
    }

    private ReadOnlySpan<byte> Take(int length, int ending)
    {
        ReadOnlySpan<byte> line = _buffer.AsSpan(_start, length);
        _start += length + ending;
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _atEnd = read == 0;
        _end += read;
    }

    private void SkipLine()
    {
        int at;
        while ((at = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n')) < 0 && !_atEnd)
        {
            _start = _end;
            Fill();
        }

        _start = at < 0 ? _end : _start + at + 1;
    }
}
