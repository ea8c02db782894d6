using System.Globalization;
using System.Text;
using FsCheck.Xunit;

namespace Symantec.Virtualization.Scanning.Core.Tests;

public class PrintableTextTests
{
    public static TheoryData<string, string> Texts => new()
    {
        { "plain/ünïcode/файл/文件/😀.txt", "plain/ünïcode/файл/文件/😀.txt" },
        { "a\u001B[2Jb", @"a\u{001B}[2Jb" },
        { "a\r\nb\0", @"a\u{000D}\u{000A}b\u{0000}" },
        { "exe.\u202Efdp.doc", @"exe.\u{202E}fdp.doc" },
        { "zero\u200Bwidth", @"zero\u{200B}width" },
        { "half\uD83D", @"half\u{D83D}" },
        { "\uDE00\uD83D", @"\u{DE00}\u{D83D}" },
        { @"a literal \u{202E}", @"a literal \u{005C}u{202E}" },
        { @"C:\users\u", @"C:\users\u" },
        { "\u2028", @"\u{2028}" },
        { "del\u007F", @"del\u{007F}" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void What_does_not_print_is_replaced_by_its_code(string text, string expected) => Assert.Equal(expected, PrintableText.Escape(text));

    [Property(MaxTest = 500)]
    public void What_was_made_safe_before_stays_as_it_is(char[] units)
    {
        string escaped = PrintableText.Escape(new string(units));

        Assert.Equal(escaped, PrintableText.EscapeReceived(escaped));
        Assert.Equal(PrintableText.EscapeReceived(new string(units)), PrintableText.EscapeReceived(PrintableText.EscapeReceived(new string(units))));
    }

    [Property(MaxTest = 500)]
    public void Any_text_becomes_printable_text_that_an_encoding_can_hold(char[] units)
    {
        string escaped = PrintableText.Escape(new string(units));

        Assert.DoesNotContain(escaped, static c => char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format);
        Assert.Equal(escaped, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(new UTF8Encoding(false, true).GetBytes(escaped)));
        Assert.Equal(new string(units) == escaped, ReferenceEquals(PrintableText.Escape(escaped), escaped));
    }
}
