using System.Globalization;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Writes a regular expression of PCRE as one of .NET that finds the same in bytes.</summary>
/// <remarks>
/// Sources: pcre2pattern(3); .NET's "Regular expression language". What differs: classes of characters are ASCII's, groups with names are counted with the others,
/// possessive quantifiers are atomic groups, <c>\v</c> is a class, a bracket inside a class is itself.
/// </remarks>
internal sealed class PcreTranslator
{
    private readonly string _pattern;
    private readonly bool _isUngreedy;
    private readonly bool _isDollarEndOnly;
    private readonly StringBuilder _out = new();
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly Stack<int> _groupStarts = new();
    private int _at;
    private int _groups;
    private int _atomStart = -1;
    private string? _why;

    private PcreTranslator(string pattern, RegexFlags flags)
    {
        _pattern = pattern;
        _isUngreedy = (flags & RegexFlags.Ungreedy) != 0;
        _isDollarEndOnly = (flags & RegexFlags.DollarEndOnly) != 0 && (flags & RegexFlags.Multiline) == 0;
    }

    /// <summary>Translates an expression.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="flags">The letters behind it.</param>
    /// <param name="translated">The expression for .NET.</param>
    /// <param name="why">Why it cannot be translated.</param>
    public static bool TryTranslate(string pattern, RegexFlags flags, out string translated, out string why)
    {
        PcreTranslator translator = new(pattern, flags);
        if ((flags & RegexFlags.Anchored) != 0)
        {
            translator._out.Append(@"\G");
        }

        while (translator._why is null && translator._at < pattern.Length)
        {
            translator.Step();
        }

        translated = translator._out.ToString();
        why = translator._why ?? "";
        return translator._why is null;
    }

    private char Next => _at + 1 < _pattern.Length ? _pattern[_at + 1] : '\0';

    private void Step()
    {
        char letter = _pattern[_at];
        switch (letter)
        {
            case '\\':
                _atomStart = _out.Length;
                Escape(isInClass: false);
                break;
            case '[':
                _atomStart = _out.Length;
                Class();
                break;
            case '(':
                Open();
                break;
            case ')':
                Copy();
                _atomStart = _groupStarts.TryPop(out int start) ? start : -1;
                break;
            case '*' or '+' or '?':
                _at++;
                Quantify(letter.ToString());
                break;
            case '{' when Quantifier() is { } braces:
                _at += braces.Length;
                Quantify(braces);
                break;
            case '$' when _isDollarEndOnly:
                _out.Append(@"\z");
                _at++;
                break;
            default:
                _atomStart = _out.Length;
                Copy();
                break;
        }
    }

    private void Copy() => _out.Append(_pattern[_at++]);

    private string? Quantifier()
    {
        int end = _pattern.IndexOf('}', _at);
        string? inner = end < 0 ? null : _pattern[(_at + 1)..end];
        bool isOne = inner is { Length: > 0 } && char.IsAsciiDigit(inner[0]) && inner.All(static c => char.IsAsciiDigit(c) || c == ',') && inner.Count(static c => c == ',') <= 1;
        return isOne ? _pattern[_at..(end + 1)] : null;
    }

    private void Quantify(string quantifier)
    {
        char follows = _at < _pattern.Length ? _pattern[_at] : '\0';
        if (follows == '+')
        {
            if (_atomStart < 0)
            {
                _why = "a regular expression with a quantifier behind nothing";
                return;
            }

            _out.Insert(_atomStart, "(?>").Append(quantifier).Append(')');
            _at++;
            return;
        }

        bool isLazy = follows == '?';
        _at += isLazy ? 1 : 0;
        _out.Append(quantifier).Append(isLazy != _isUngreedy ? "?" : "");
    }

    private void Open()
    {
        int start = _out.Length;
        if (Next == '*')
        {
            _why = "a regular expression with verbs";
            return;
        }

        if (Next != '?')
        {
            _groups++;
            _groupStarts.Push(start);
            Copy();
            return;
        }

        string rest = _pattern[(_at + 2)..];
        if (rest.StartsWith('#'))
        {
            int end = _pattern.IndexOf(')', _at);
            _at = end < 0 ? _pattern.Length : end + 1;
            return;
        }

        if (NameOf(rest) is { } name)
        {
            // .NET would count groups with names behind all others.
            _names[name.Name] = ++_groups;
            _groupStarts.Push(start);
            _out.Append('(');
            _at += 2 + name.Length;
            return;
        }

        if (rest.StartsWith("P=", StringComparison.Ordinal) && rest.IndexOf(')', StringComparison.Ordinal) is > 2 and var close)
        {
            Reference(rest[2..close]);
            _at += 2 + close + 1;
            return;
        }

        bool isKnown = rest.Length > 0 && (rest[0] is ':' or '=' or '!' or '>' or 'i' or 'm' or 's' or 'x' or '-' || rest.StartsWith("<=", StringComparison.Ordinal) || rest.StartsWith("<!", StringComparison.Ordinal));
        if (!isKnown)
        {
            _why = "a regular expression with recursion, conditions or branch resets";
            return;
        }

        _groupStarts.Push(start);
        _out.Append("(?");
        _at += 2;
    }

    /// <summary>Reads the name of a group: <c>P&lt;n&gt;</c>, <c>&lt;n&gt;</c>, <c>'n'</c>.</summary>
    private static (string Name, int Length)? NameOf(string rest)
    {
        int open = rest.StartsWith("P<", StringComparison.Ordinal) ? 2 : rest.StartsWith('<') || rest.StartsWith('\'') ? 1 : 0;
        if (open == 0 || rest.Length <= open || rest[open] is '=' or '!')
        {
            return null;
        }

        int close = rest.IndexOf(rest[open - 1] == '<' ? '>' : '\'', open);
        return close > open ? (rest[open..close], close + 1) : null;
    }

    private void Reference(string name)
    {
        int number = 0;
        if (!_names.TryGetValue(name, out number) && !int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            _why = "a regular expression that refers to a group that is not there";
            return;
        }

        _atomStart = _out.Length;
        _out.Append(CultureInfo.InvariantCulture, $@"(?:\{number})");
    }

    private void Escape(bool isInClass)
    {
        if (_at + 1 == _pattern.Length)
        {
            _why = "a regular expression that ends with a backslash";
            return;
        }

        char letter = _pattern[_at + 1];
        _at += 2;
        switch (letter)
        {
            case 'd' or 'w' or 's' or 'h' or 'v' or 'D' or 'W' or 'S' or 'H' or 'V':
                string ranges = Ranges(letter);
                _out.Append(isInClass ? ranges : $"[{ranges}]");
                break;
            case 'x':
                AppendCode(Hexadecimal());
                break;
            case 'N' when !isInClass:
                _out.Append(@"[^\n]");
                break;
            case 'R' when !isInClass:
                _out.Append(@"(?:\r\n|[\n\x0B\f\r\x85])");
                break;
            case 'Q':
                Quote(isInClass);
                break;
            case 'E':
                break;
            case 'k' or 'g' when !isInClass:
                ReferenceByEscape();
                break;
            case 'K' or 'X' or 'C' or 'p' or 'P' or 'G' when !isInClass:
                _why = $@"a regular expression with \{letter}";
                break;
            default:
                // The escapes that are left mean the same in both, or the character itself.
                bool isPlain = !char.IsAsciiLetterOrDigit(letter) || "abBAzZefnrt0123456789".Contains(letter, StringComparison.Ordinal);
                _out.Append(isPlain ? $@"\{letter}" : letter.ToString());
                break;
        }
    }

    private void ReferenceByEscape()
    {
        char open = _at < _pattern.Length ? _pattern[_at] : '\0';
        char closing = open switch { '{' => '}', '<' => '>', '\'' => '\'', _ => '\0' };
        int end = closing != '\0' ? _pattern.IndexOf(closing, _at + 1) : -1;
        if (end > 0)
        {
            Reference(_pattern[(_at + 1)..end]);
            _at = end + 1;
            return;
        }

        int digits = _at;
        while (digits < _pattern.Length && char.IsAsciiDigit(_pattern[digits]))
        {
            digits++;
        }

        Reference(_pattern[_at..digits]);
        _at = digits;
    }

    private int Hexadecimal()
    {
        if (_at < _pattern.Length && _pattern[_at] == '{')
        {
            int end = _pattern.IndexOf('}', _at);
            bool isCode = int.TryParse(end < 0 ? "" : _pattern[(_at + 1)..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) && code <= 0xFF;
            _why = isCode ? _why : "a regular expression with characters beyond bytes";
            _at = end < 0 ? _pattern.Length : end + 1;
            return code;
        }

        int start = _at;
        while (_at < _pattern.Length && _at < start + 2 && char.IsAsciiHexDigit(_pattern[_at]))
        {
            _at++;
        }

        return _at == start ? 0 : int.Parse(_pattern.AsSpan(start, _at - start), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    private void AppendCode(int code) => _out.Append(CultureInfo.InvariantCulture, $@"\x{code:X2}");

    private void Quote(bool isInClass)
    {
        int end = _pattern.IndexOf(@"\E", _at, StringComparison.Ordinal);
        foreach (char letter in _pattern.AsSpan(_at, (end < 0 ? _pattern.Length : end) - _at))
        {
            _atomStart = isInClass ? _atomStart : _out.Length;
            AppendCode(letter & 0xFF);
        }

        _at = end < 0 ? _pattern.Length : end + 2;
    }

    private void Class()
    {
        Copy();
        if (_at < _pattern.Length && _pattern[_at] == '^')
        {
            Copy();
        }

        bool isFirst = true;
        while (_why is null && _at < _pattern.Length && (isFirst || _pattern[_at] != ']'))
        {
            isFirst = false;
            if (_pattern[_at] == '\\')
            {
                if (Next == 'b')
                {
                    AppendCode(8);
                    _at += 2;
                }
                else
                {
                    Escape(isInClass: true);
                }
            }
            else if (_pattern[_at] == '[' && Next == ':' && _pattern.IndexOf(":]", Math.Min(_at + 2, _pattern.Length), StringComparison.Ordinal) is > 0 and var end)
            {
                _out.Append(PosixRanges(_pattern[(_at + 2)..end]));
                _at = end + 2;
            }
            else if (_pattern[_at] is '[' or ']')
            {
                _out.Append('\\');
                Copy();
            }
            else
            {
                Copy();
            }
        }

        if (_at >= _pattern.Length)
        {
            _why ??= "a regular expression with a class that is not closed";
            return;
        }

        Copy();
    }

    private string PosixRanges(string name)
    {
        string? ranges = name switch
        {
            "alpha" => "A-Za-z",
            "digit" => "0-9",
            "alnum" => "A-Za-z0-9",
            "upper" => "A-Z",
            "lower" => "a-z",
            "xdigit" => "0-9A-Fa-f",
            "word" => Ranges('w'),
            "space" => Ranges('s'),
            "blank" => @"\t\x20",
            "cntrl" => @"\x00-\x1F\x7F",
            "punct" => @"!-/:-@\[-`{-~",
            "print" => @"\x20-\x7E",
            "graph" => @"\x21-\x7E",
            "ascii" => @"\x00-\x7F",
            _ => null,
        };
        _why = ranges is null ? "a regular expression with a class of another kind" : _why;
        return ranges ?? "";
    }

    private static string Ranges(char letter) => letter switch
    {
        'd' => "0-9",
        'D' => @"\x00-/:-\xFF",
        'w' => "0-9A-Z_a-z",
        'W' => @"\x00-/:-@\[-\^`\{-\xFF",
        's' => @"\t\n\x0B\f\r\x20",
        'S' => @"\x00-\x08\x0E-\x1F\x21-\xFF",
        'h' => @"\t\x20\xA0",
        'H' => @"\x00-\x08\n-\x1F\x21-\x9F\xA1-\xFF",
        'v' => @"\n\x0B\f\r\x85",
        _ => @"\x00-\t\x0E-\x84\x86-\xFF",
    };
}
