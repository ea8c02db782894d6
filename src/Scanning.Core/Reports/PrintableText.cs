using System.Globalization;
using System.Text;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Makes text that somebody hostile may have chosen safe to show: in a terminal, in a log, in a report.</summary>
public static class PrintableText
{
    /// <summary>Replaces what does not print, or changes how other text prints, by its code: <c>\u{202E}</c>.</summary>
    /// <remarks>
    /// Replaced are control characters (a terminal obeys them), marks of writing direction and other invisible formatting (they make
    /// <c>gpj.exe</c> look like <c>exe.jpg</c>), line separators, and halves of characters, which no encoding can hold. So is the backslash of a literal
    /// <c>\u{</c>, so that nothing looks as if it were replaced; text must therefore be made safe once only.
    /// </remarks>
    /// <param name="text">The text.</param>
    /// <returns>The text as it may be shown; the same instance if nothing had to be replaced.</returns>
    public static string Escape(string text) => Replace(text, isReceived: false);

    /// <summary>Does the same for text that whoever sent it should have made safe: codes that stand in it stay as they are.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text as it may be shown; the same instance if nothing had to be replaced. Doing it again changes nothing.</returns>
    public static string EscapeReceived(string text) => Replace(text, isReceived: true);

    private static string Replace(string text, bool isReceived)
    {
        ArgumentNullException.ThrowIfNull(text);
        int at = IndexOfUnprintable(text, 0, isReceived);
        if (at < 0)
        {
            return text;
        }

        StringBuilder escaped = new(text.Length + 16);
        int done = 0;
        for (; at >= 0; at = IndexOfUnprintable(text, done, isReceived))
        {
            (int code, int length) = Rune.TryGetRuneAt(text, at, out Rune rune) ? (rune.Value, rune.Utf16SequenceLength) : (text[at], 1);
            escaped.Append(text, done, at - done).Append(CultureInfo.InvariantCulture, $"\\u{{{code:X4}}}");
            done = at + length;
        }

        return escaped.Append(text, done, text.Length - done).ToString();
    }

    private static int IndexOfUnprintable(string text, int from, bool isReceived)
    {
        for (int at = from; at < text.Length; at++)
        {
            char c = text[at];
            if (c == '\\' && !isReceived && text.AsSpan(at + 1).StartsWith("u{"))
            {
                return at;
            }

            if (c is >= ' ' and < '\x7F')
            {
                continue;
            }

            if (!Rune.TryGetRuneAt(text, at, out Rune rune) || !IsPrintable(rune))
            {
                return at;
            }

            at += rune.Utf16SequenceLength - 1;
        }

        return -1;
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
