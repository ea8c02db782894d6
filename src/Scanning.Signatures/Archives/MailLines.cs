using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads a text line by line, without line ends, and lets the next line be looked at before it is taken.</summary>
internal sealed class MailLines
{
    /// <summary>Longer lines are read as several.</summary>
    public const int MaxLength = 16 << 10;

    private readonly ContentStream _text;
    private readonly byte[] _line = new byte[MaxLength];
    private int _length;

    public MailLines(MemberWalk walk)
    {
        _text = walk.Stream();
        Advance();
    }

    public bool AtEnd { get; private set; }

    /// <summary>Gets the next line.</summary>
    public ReadOnlySpan<byte> Next => _line.AsSpan(0, _length);

    public string Take()
    {
        string line = Encoding.Latin1.GetString(Next);
        Advance();
        return line;
    }

    public void Advance()
    {
        _length = 0;
        bool any = false;
        while (_length < MaxLength && _text.ReadByte() is >= 0 and { } next)
        {
            any = true;
            if (next == '\n')
            {
                break;
            }

            _line[_length++] = (byte)next;
        }

        AtEnd = !any;
        if (_length > 0 && _line[_length - 1] == '\r')
        {
            _length--;
        }
    }
}
