using System.Globalization;
using System.Net;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A character reference of HTML, from behind its <c>&amp;</c>.</summary>
/// <remarks>
/// Latin-1 characters become one byte. Others become a reference again, always of four hexadecimal digits, save for full stops of Chinese text: they become a
/// dot, since browsers take them for one in host names.
/// </remarks>
internal sealed class CharacterReference
{
    private const int MaxNameLength = 1024;

    /// <summary>No number grows beyond this: it has no meaning then, and only its low byte is written.</summary>
    private const long MaxNumber = 1L << 58;

    private readonly byte[] _name = new byte[MaxNameLength];
    private int _length;
    private Kind _kind;
    private long _number;

    private enum Kind
    {
        Undecided,
        Name,
        Decimal,
        Hexadecimal,
    }

    /// <summary>Gets what it stands for, once it has ended.</summary>
    public ReadOnlyMemory<byte> Text { get; private set; }

    /// <summary>Gets the bytes that it adds to the value of an attribute.</summary>
    public ReadOnlyMemory<byte> Value { get; private set; }

    public void Begin()
    {
        _kind = Kind.Undecided;
        _number = 0;
    }

    /// <summary>Takes a byte.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="ended">Whether it is the reference's end.</param>
    /// <returns>Whether the byte was a part of it.</returns>
    public bool Append(byte value, out bool ended)
    {
        ended = false;
        if (_kind == Kind.Undecided)
        {
            _kind = value == '#' ? Kind.Decimal : Kind.Name;
            if (value == '#')
            {
                return true;
            }
        }

        return _kind == Kind.Name ? AppendName(value, out ended) : AppendNumber(value, out ended);
    }

    /// <summary>Ends a name that the page ends in.</summary>
    public ReadOnlyMemory<byte> Complete()
    {
        if (_length == 0)
        {
            return default;
        }

        EndName(isKnown: true, isClosed: false);
        return Text;
    }

    private bool AppendName(byte value, out bool ended)
    {
        bool isPart = char.IsAsciiLetterOrDigit((char)value) || value is (byte)'_' or (byte)':' or (byte)'-';
        ended = value == ';' || !isPart || _length == MaxNameLength;
        if (!ended)
        {
            _name[_length++] = value;
            return true;
        }

        EndName(isKnown: value == ';', isClosed: value == ';');
        return value == ';';
    }

    private bool AppendNumber(byte value, out bool ended)
    {
        if (_number == 0 && value is (byte)'x' or (byte)'X')
        {
            _kind = Kind.Hexadecimal;
            ended = false;
            return true;
        }

        int digit = DigitOf(value);
        bool isDigit = digit < (_kind == Kind.Hexadecimal ? 16 : 10);
        ended = !isDigit || _number >= MaxNumber;
        if (!ended)
        {
            _number = (_number * (_kind == Kind.Hexadecimal ? 16 : 10)) + digit;
            return true;
        }

        byte low = (byte)(_number & 0xFF);
        if (value != ';')
        {
            Set([low], []);
            return isDigit;
        }

        if (_number < 0x80)
        {
            Set([Ascii.ToLower(low)], [low]);
        }
        else
        {
            WriteCharacter((ushort)(_number & 0xFFFF), [low]);
        }

        return true;
    }

    private static int DigitOf(byte value) => value switch
    {
        >= (byte)'0' and <= (byte)'9' => value - '0',
        >= (byte)'a' and <= (byte)'f' => value - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => value - 'A' + 10,
        _ => int.MaxValue,
    };

    private void EndName(bool isKnown, bool isClosed)
    {
        ReadOnlySpan<byte> name = _name.AsSpan(0, _length);
        _length = 0;
        string reference = $"&{Encoding.Latin1.GetString(name)};";
        string decoded = isKnown ? WebUtility.HtmlDecode(reference) : reference;
        if (decoded.Length == 1)
        {
            WriteCharacter(decoded[0], value: null);
            return;
        }

        string text = (isClosed ? reference : reference[..^1]).ToLowerInvariant();
        Set(Encoding.Latin1.GetBytes(text), Encoding.Latin1.GetBytes(text));
    }

    private void WriteCharacter(ushort character, byte[]? value)
    {
        byte[] text = character switch
        {
            0 => [],
            < 0xFF => [(byte)character],
            0x3002 or 0xFF0E or 0xFE52 => "."u8.ToArray(),
            _ => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"&#x{character:x4};")),
        };
        Set(text, value ?? text);
    }

    private void Set(byte[] text, byte[] value)
    {
        Text = text;
        Value = value;
    }
}
