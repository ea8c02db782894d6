using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Cuts a script into tokens, and drops comments, white space and what is no part of any token.</summary>
internal ref struct ScriptLexer(ReadOnlySpan<byte> script)
{
    private const int MaxOperatorLength = 4;

    private static readonly FrozenSet<string> Operators = FrozenSet.ToFrozenSet(
        "= + - * / % & | ^ ! < > ? : ~ == === != !== <= >= << >> >>> && || ++ -- += -= *= /= %= &= |= ^= <<= >>= >>>=".Split(' '));

    private static readonly FrozenSet<string> Keywords = FrozenSet.ToFrozenSet(
        ("break case catch continue default delete do else false finally for if in instanceof new null return switch this throw true try typeof var void while "
            + "with").Split(' '));

    /// <summary>Most tokens are one character long: hostile scripts have a million of them.</summary>
    private static readonly string[] Single = [.. Enumerable.Range(0, 256).Select(static value => ((char)value).ToString())];

    private ReadOnlySpan<byte> _rest = script;

    /// <summary>Reads the next token.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TryRead(out ScriptToken token)
    {
        while (!_rest.IsEmpty)
        {
            byte first = _rest[0];
            if (_rest.StartsWith("/*"u8))
            {
                Skip(_rest[2..].IndexOf("*/"u8), 4);
            }
            else if (_rest.StartsWith("//"u8))
            {
                // Line ends are spaces by now.
                Skip(_rest[2..].IndexOf((byte)' '), 2);
            }
            else if (first is (byte)'"' or (byte)'\'')
            {
                token = ReadText(first);
                return true;
            }
            else if (char.IsAsciiDigit((char)first))
            {
                return TryReadNumber(out token);
            }
            else if (IsNamePart(first) || first == '\\')
            {
                return TryReadName(out token);
            }
            else if ("[]{}().,;"u8.Contains(first) || Operators.Contains(Single[first]))
            {
                token = new(ScriptTokenKind.Other, TakeOperator());
                return true;
            }
            else
            {
                _rest = _rest[1..];
            }
        }

        token = default;
        return false;
    }

    private static bool IsNamePart(byte value) => char.IsAsciiLetterOrDigit((char)value) || value is (byte)'_' or (byte)'$';

    private void Skip(int found, int marks) => _rest = found < 0 ? [] : _rest[(found + marks)..];

    private string TakeOperator()
    {
        int length = Math.Min(MaxOperatorLength, _rest.Length);
        while (length > 1 && !Operators.Contains(Encoding.Latin1.GetString(_rest[..length])))
        {
            length--;
        }

        return Take(length);
    }

    private string Take(int length)
    {
        string taken = length == 1 ? Single[_rest[0]] : Encoding.Latin1.GetString(_rest[..length]);
        _rest = _rest[length..];
        return taken;
    }

    /// <summary>A string that does not end, ends with the script.</summary>
    private ScriptToken ReadText(byte quote)
    {
        int end = 1;
        for (; end < _rest.Length; end++)
        {
            if (_rest[end] == quote && (end == 1 || _rest[end - 1] != '\\'))
            {
                break;
            }
        }

        string text = ScriptText.WithoutEscapes(Encoding.Latin1.GetString(_rest[1..end]));
        _rest = _rest[Math.Min(end + 1, _rest.Length)..];
        return new(ScriptTokenKind.Text, text);
    }

    /// <summary>Whole numbers are decimal and wrap; what ends with the script is no token.</summary>
    private bool TryReadNumber(out ScriptToken token)
    {
        int length = 0;
        bool hasPoint = false;
        for (; length < _rest.Length; length++)
        {
            byte value = _rest[length];
            bool isSign = value is (byte)'+' or (byte)'-' && hasPoint && _rest[length - 1] is (byte)'e' or (byte)'E';
            bool isPart = char.IsAsciiDigit((char)value) || (value == '.' && !hasPoint) || (value is (byte)'e' or (byte)'E' && hasPoint) || isSign;
            if (!isPart)
            {
                break;
            }

            hasPoint |= value == '.';
        }

        bool isWhole = length < _rest.Length;
        string digits = Take(length);
        string text = hasPoint
            ? (double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) ? real : 0).ToString("G6", CultureInfo.InvariantCulture)
            : (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? unchecked((int)number) : -1)
                .ToString(CultureInfo.InvariantCulture);
        token = new(ScriptTokenKind.Number, text);
        return isWhole;
    }

    /// <summary>A name that ends with the script is no token.</summary>
    private bool TryReadName(out ScriptToken token)
    {
        StringBuilder name = new();
        bool inName = true;
        while (inName && !_rest.IsEmpty)
        {
            if (IsNamePart(_rest[0]))
            {
                int length = 0;
                while (length < _rest.Length && IsNamePart(_rest[length]))
                {
                    length++;
                }

                name.Append(Take(length));
            }
            else if (_rest[0] == '\\')
            {
                inName = _rest.StartsWith("\\u"u8);
                name.Append(inName ? "\\" : "");
                _rest = _rest[(inName ? 2 : 1)..];
            }
            else
            {
                inName = false;
            }
        }

        string text = name.Length == 1 ? Single[name[0]] : name.ToString();
        token = text == "function" ? new(ScriptTokenKind.Function, text)
            : new(Keywords.Contains(text) ? ScriptTokenKind.Other : ScriptTokenKind.Name, text);
        return !inName;
    }
}
