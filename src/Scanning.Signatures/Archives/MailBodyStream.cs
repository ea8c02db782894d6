namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Tells whether a line is the first behind a part.</summary>
internal delegate bool PartEnd(ReadOnlySpan<byte> line, MailEncoding encoding);

/// <summary>The bytes of one part of a mail message, up to the line that ends it.</summary>
internal sealed class MailBodyStream(MailLines lines, MailEncoding encoding, PartEnd ends) : ForwardStream
{
    private readonly byte[] _decoded = new byte[MailLines.MaxLength + 2];
    private int _count;
    private int _taken;
    private int _bits;
    private int _bitCount;

    /// <summary>Gets whether there is not one line.</summary>
    public bool IsEmpty => AtEnd;

    private bool AtEnd => lines.AtEnd || ends(lines.Next, encoding);

    public override int Read(Span<byte> buffer)
    {
        while (_taken == _count)
        {
            if (AtEnd)
            {
                return 0;
            }

            _taken = 0;
            _count = 0;
            Decode(lines.Next);
            lines.Advance();
        }

        int count = Math.Min(buffer.Length, _count - _taken);
        _decoded.AsSpan(_taken, count).CopyTo(buffer);
        _taken += count;
        return count;
    }

    /// <summary>Goes on to the line that ends the part.</summary>
    public void SkipToEnd()
    {
        while (!AtEnd)
        {
            lines.Advance();
        }
    }

    private void Decode(ReadOnlySpan<byte> line)
    {
        switch (encoding)
        {
            case MailEncoding.Base64:
                foreach (byte character in line)
                {
                    if (Base64.Value(character) is >= 0 and { } value)
                    {
                        Put(value);
                    }
                }

                break;
            case MailEncoding.QuotedPrintable:
                DecodeQuoted(line);
                break;
            case MailEncoding.UuEncoded:
                DecodeUu(line);
                break;
            default:
                line.CopyTo(_decoded);
                _count = line.Length;
                Put("\r\n"u8);
                break;
        }
    }

    private void DecodeQuoted(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd(" \t"u8);
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '=' && i == line.Length - 1)
            {
                return;
            }

            if (line[i] == '=' && i + 2 < line.Length && char.IsAsciiHexDigit((char)line[i + 1]) && char.IsAsciiHexDigit((char)line[i + 2]))
            {
                _decoded[_count++] = byte.Parse(line.Slice(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, provider: null);
                i += 2;
            }
            else
            {
                _decoded[_count++] = line[i];
            }
        }

        Put("\r\n"u8);
    }

    private void DecodeUu(ReadOnlySpan<byte> line)
    {
        if (line.Length == 0)
        {
            return;
        }

        int length = (line[0] - ' ') & 63;
        _bitCount = 0;
        foreach (byte character in line[1..])
        {
            Put((character - ' ') & 63);
        }

        // Spaces at the end may have been lost on the way.
        while (_count < length)
        {
            _decoded[_count++] = 0;
        }

        _count = length;
    }

    private void Put(int sixBits)
    {
        _bits = ((_bits << 6) | sixBits) & 0xFFFF;
        _bitCount += 6;
        if (_bitCount >= 8)
        {
            _bitCount -= 8;
            _decoded[_count++] = (byte)((_bits >> _bitCount) & 0xFF);
        }
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_decoded.AsSpan(_count));
        _count += bytes.Length;
    }
}
