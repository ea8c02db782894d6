using FsCheck.Xunit;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Normalisation;

/// <summary>What normalisation makes of texts and pages; the expected bytes are those that ClamAV 1.4 leaves with <c>--leave-temps</c>.</summary>
public sealed class FilterTests
{
    public static TheoryData<string, string, string> Texts => new()
    {
        { "letters become small", "Hello WORLD", "hello world" },
        { "white space of any kind becomes one space", "a \t\r\n\v\f b", "a b" },
        { "a text may begin and end in a space", "\n\na\n", " a " },
        { "control characters are dropped", "a\u0007b\0c", "abc" },
        { "what is dropped does not part white space", "a \u0007 b", "a b" },
        { "characters beyond ASCII are dropped", "caf\u00C3\u00A9 end", "caf end" },
        { "DEL stays", "a\u007Fb", "a\u007Fb" },
        { "of wide characters the ASCII ones stay", "\u00FF\u00FEH\0i\0 \0!\0", "hi !" },
    };

    public static TheoryData<string, string, string> Markup => new()
    {
        { "names become small", "<HTML><Body>Hello</BODY></HTML>", "<html><body>hello</body></html>" },
        { "white space between words becomes one space", "a \r\n\t b", "a b" },
        { "white space next to tags is dropped behind them", "a <b> c </b> d", "a <b>c </b>d" },
        { "a comment is dropped", "a<!-- Comment -->b", "ab" },
        { "a comment ends at the first bracket", "a<!-- <b> -->c", "a-->c" },
        { "quotes become double quotes", "<a title='X'>", "<a title=\"x\">" },
        { "white space around an attribute's sign is dropped", "<a  href = \"X\" >", "<a href=\"x\">" },
        { "a value keeps its spaces", "<body onload='Foo Bar'>", "<body onload=\"foo bar\">" },
        { "tags inside of words stay", "te<i>x</i>t", "te<i>x</i>t" },
        { "entities become characters", "&lt;b&gt;&amp;&Eacute;", "<b>&\u00C9" },
        { "numbers become characters", "&#x41;&#66;", "ab" },
        { "a number without its end becomes the character as it is", "&#66 q", "B q" },
        { "characters beyond Latin-1 become numbers of four digits", "&#8364;&#255;&euro;", "&#x20ac;&#x00ff;&#x20ac;" },
        { "an unknown entity stays", "&Bogus;&amp&AMP; z", "&bogus;&amp&amp; z" },
        { "a script loses its white space and single quotes", "<script>var A = 'x' + 1 ; </script> b", "<script>vara=\"x\"+1;</script>b" },
        { "a comment inside a script stays", "<script><!-- Go(); //--></script>", "<script><!--go();//--></script>" },
        { "files that the page carries are cut out", "<img src=\"data:image/png;base64,AAAA\" alt=x>", "<img src=\"data\"alt=x>" },
        { "full stops of Chinese text become dots", "x\u00EF\u00BC\u008Ey", "x.y" },
        { "zeros are dropped", "a\0b", "ab" },
    };

    public static TheoryData<string, string, string> Words => new()
    {
        { "tags become spaces", "<html><body>Hello <b>W</b>orld</body>", " hello w orld " },
        { "links are written out as they are", "<a href=\"http://X.example/A b\">Link</a> end", " http://X.example/A b link end" },
        { "so are pictures", "<img src=Foo.gif> end", " Foo.gif end" },
        { "scripts are left out", "a<script>var x;</script>b", "a b" },
        { "entities become spaces", "te&amp;xt", "te xt" },
        { "comments become spaces", "a<!-- c -->b", "a b" },
    };

    public static TheoryData<string, string, string> Scripts => new()
    {
        { "white space goes, but between words", "var  a = 1 ; return   b ;", "var n000=1;return b;" },
        { "variables are renamed by their order", "var A = 'x', B; A.A(B);", "var n000=\"x\",n001;n000.a(n001);" },
        { "functions and their parameters too, inside of them", "function F(x, y) { var z = x + y; return z; } F(1, 2);", "function n000(n001,n002){var n003=n001+n002;return n003;}f(1,2);" },
        { "a parameter is renamed in its function only", "function F(x) { return x; } x();", "function n000(n001){return n001;}x();" },
        { "a name is renamed before its declaration", "a = 1; var a;", "n000=1;var n000;" },
        { "strings are joined", "a = 'x' + \"y\" + 'z' + b;", "a=\"xyz\"+b;" },
        { "escapes in strings are resolved", "a = 'b\\x41\\u0042\\'';", "a=\"bab'\";" },
        { "unescape is done", "a(unescape('%u0041%42%zz'));", "a(\"ab%zz\");" },
        { "comments go, up to a space", "/* one */ a(); //two b();", "a();b();" },
        { "numbers are decimal", "a = 0x1F + 007 + 1.50;", "a=0 x1f+7+1.5;" },
        { "what does not end is ended", "a('b", "a(\"b</script>\")" },
    };

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_pages_scripts(string because, string script, string expected)
    {
        string page = NormalisedText.OfPage($"<html><SCRIPT>{script}</SCRIPT></html>", HtmlPart.Scripts);

        AssertSame(because, $"<script>{expected}</script>", page);
    }

    [Fact]
    public void Scripts_stand_on_lines_of_their_own()
        => Assert.Equal("<script>a();</script>\n<script>b();</script>", NormalisedText.OfPage("<script>a();</script><script>b();</script></html>", HtmlPart.Scripts));

    [Theory]
    [MemberData(nameof(Texts))]
    public void Text(string because, string text, string expected) => AssertSame(because, expected, NormalisedText.OfText(text));

    [Theory]
    [MemberData(nameof(Markup))]
    public void A_page_without_its_comments(string because, string page, string expected)
        => AssertSame(because, expected, NormalisedText.OfPage(page, HtmlPart.Markup));

    [Theory]
    [MemberData(nameof(Words))]
    public void A_page_without_its_tags(string because, string page, string expected)
        => AssertSame(because, expected, NormalisedText.OfPage(page, HtmlPart.Words));

    [Property(MaxTest = 2000)]
    public void Any_bytes_come_out_the_same_however_they_are_cut(byte[] bytes, byte piece)
    {
        foreach (Func<NormalisedOutput, IByteFilter> filter in Filters)
        {
            Assert.Equal(NormalisedText.Run(bytes, int.MaxValue, filter), NormalisedText.Run(bytes, Math.Max((int)piece, 1), filter));
        }
    }

    [Fact]
    public void Texts_of_the_characters_that_decide_come_out_the_same_many_bytes_at_a_time_and_one_by_one()
    {
        Random random = new(20261126);
        byte[] kinds = " \t\n\r\b\0\u001F!@AZ[`az{~\u007F"u8.ToArray();
        kinds = [.. kinds, 0x80, 0x85, 0xA0, 0xFF];
        for (int run = 0; run < 20_000; run++)
        {
            // Of few kinds at a time there are long runs.
            random.Shuffle(kinds);
            byte[] text = random.GetItems(kinds.AsSpan(0, random.Next(1, kinds.Length + 1)).ToArray(), random.Next(100));
            Assert.Equal(NormalisedText.Run(text, 1, Filters[0]), NormalisedText.Run(text, int.MaxValue, Filters[0]));
        }
    }

    [Fact]
    public void A_long_text_stays_in_order()
    {
        byte[] text = [.. Enumerable.Range(0, 100_000).Select(static i => (byte)('a' + (i % 26)))];

        Assert.Equal(text, NormalisedText.Run(text, int.MaxValue, Filters[0]));
    }

    [Fact]
    public void Pages_of_the_characters_that_decide_come_out_the_same_however_they_are_cut_and_do_not_grow()
    {
        Random random = new(20261124);
        string[] parts = ["<", ">", "!", "&", ";", "#", "x", "1", "'", "\"", "=", " ", "\n", "\0", "/", "script", "href", "src", "a", "img", "data:", ",", "%", "\u00A1C", "\u00E3\u0080\u0082", "é", "euro", "\\"];
        for (int run = 0; run < 4000; run++)
        {
            string page = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => parts[random.Next(parts.Length)]));
            byte[] bytes = System.Text.Encoding.Latin1.GetBytes("<" + page);
            foreach (Func<NormalisedOutput, IByteFilter> filter in Filters)
            {
                byte[] whole = NormalisedText.Run(bytes, int.MaxValue, filter);
                Assert.Equal(whole, NormalisedText.Run(bytes, random.Next(1, 9), filter));

                // A reference such as &#255 becomes one of eight characters, and an empty tag has a space of its own in the text.
                Assert.InRange(whole.Length, 0, (2 * bytes.Length) + 8);
            }
        }
    }

    [Theory]
    [InlineData("<a x=")]
    [InlineData("&")]
    [InlineData("<")]
    [InlineData("&a")]
    [InlineData("<a href=\"x\" ")]
    [InlineData("<!")]
    [InlineData("\u00E3")]
    public void Endless_repetition_stays_bounded(string part)
    {
        byte[] bytes = System.Text.Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(part, 200_000)));
        foreach (Func<NormalisedOutput, IByteFilter> filter in Filters)
        {
            Assert.InRange(NormalisedText.Run(bytes, 4096, filter).Length, 0, (2 * bytes.Length) + 8);
        }
    }

    private static readonly Func<NormalisedOutput, IByteFilter>[] Filters =
    [
        static output => new TextFilter(output),
        static output => new HtmlFilter(new HtmlOutput(output, HtmlPart.Markup)),
        static output => new HtmlFilter(new HtmlOutput(output, HtmlPart.Words)),
        static output => new HtmlFilter(new HtmlOutput(output, HtmlPart.Scripts)),
        static output => new NarrowingFilter(new HtmlFilter(new HtmlOutput(output, HtmlPart.Markup))),
    ];

    private static void AssertSame(string because, string expected, string actual)
        => Assert.True(expected == actual, $"{because}: expected [{expected}], got [{actual}]");
}
