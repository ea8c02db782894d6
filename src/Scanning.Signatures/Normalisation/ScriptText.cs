using System.Globalization;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What the escapes of JavaScript stand for; characters are bytes, those beyond them UTF-8.</summary>
internal static class ScriptText
{
    /// <summary>Resolves the backslashes of a string.</summary>
    public static string WithoutEscapes(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                plain.Append(text[i]);
                continue;
            }

            char kind = text[++i];
            int digits = kind switch { 'x' => 2, 'u' => 4, _ => 0 };
            if (digits > 0 && TryHex(text, i + 1, digits, out int value))
            {
                Append(plain, value, isWide: kind == 'u');
                i += digits;
            }
            else
            {
                plain.Append(kind switch { '0' => '\u0001', 'b' => '\b', 't' => '\t', 'n' => '\n', 'v' => '\v', 'f' => '\f', 'r' => '\r', _ => kind });
            }
        }

        return plain.ToString();
    }

    /// <summary>Does what the function <c>unescape</c> does.</summary>
    public static string Unescape(string text)
    {
        StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool isWide = text[i] == '%' && i + 1 < text.Length && text[i + 1] == 'u';
            int digits = isWide ? 4 : 2;
            int at = i + (isWide ? 2 : 1);
            if (text[i] == '%' && TryHex(text, at, digits, out int value))
            {
                Append(plain, value, isWide);
                i = at + digits - 1;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }

    private static bool TryHex(string text, int at, int digits, out int value)
    {
        value = 0;
        return at + digits <= text.Length && int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>A zero becomes a one, since zeros end strings in ClamAV.</summary>
    private static void Append(StringBuilder plain, int value, bool isWide)
    {
        if (!isWide || value < 0x80)
        {
            plain.Append((char)Math.Max(value, 1));
            return;
        }

        if (value < 0x800)
        {
            plain.Append((char)(0xC0 | (value >> 6)));
        }
        else
        {
            plain.Append((char)(0xE0 | (value >> 12))).Append((char)(0x80 | ((value >> 6) & 0x3F)));
        }

        plain.Append((char)(0x80 | (value & 0x3F)));
    }
}
