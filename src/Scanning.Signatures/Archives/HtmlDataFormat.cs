namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Files that HTML pages carry in links, as <c>data:</c> with base64 behind it.</summary>
/// <remarks>Source: RFC 2397.</remarks>
internal static class HtmlDataFormat
{
    private const int WindowSize = 64 << 10;

    public static void Open(MemberWalk walk)
    {
        ReadOnlySpan<byte> mark = ";base64,"u8;
        byte[] window = new byte[WindowSize];
        for (long at = 0; at + mark.Length < walk.Container.Length;)
        {
            int count = (int)Math.Min(window.Length, walk.Container.Length - at);
            walk.Read(at, window.AsSpan(0, count), "HtmlText");
            int found = window.AsSpan(0, count).IndexOf(mark);
            if (found < 0)
            {
                at += Math.Max(1, count - mark.Length + 1);
                continue;
            }

            at += found + mark.Length;
            long data = at;
            if (!walk.Deliver(walk.Info("data"), () => new Base64Stream(walk.Stream(data))))
            {
                return;
            }
        }
    }
}

/// <summary>Reads base64 up to something that can be no part of it.</summary>
internal sealed class Base64Stream(Stream text) : ForwardStream
{
    private int _bits;
    private int _bitCount;
    private bool _ended;

    public override int Read(Span<byte> buffer)
    {
        int count = 0;
        while (count < buffer.Length && !_ended)
        {
            int character = text.ReadByte();
            int value = Base64.Value(character);
            if (value >= 0)
            {
                _bits = ((_bits << 6) | value) & 0xFFFF;
                _bitCount += 6;
                if (_bitCount >= 8)
                {
                    _bitCount -= 8;
                    buffer[count++] = (byte)((_bits >> _bitCount) & 0xFF);
                }
            }

            _ended = value < 0 && character is not ('\r' or '\n' or ' ' or '\t');
        }

        return count;
    }
}

/// <summary>The characters of base64.</summary>
internal static class Base64
{
    /// <summary>Gets the six bits that a character stands for; -1 if it stands for none.</summary>
    public static int Value(int character) => character switch
    {
        >= 'A' and <= 'Z' => character - 'A',
        >= 'a' and <= 'z' => character - 'a' + 26,
        >= '0' and <= '9' => character - '0' + 52,
        '+' => 62,
        '/' => 63,
        _ => -1,
    };
}
