using System.Text;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures.Tests.Conformance;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Normalisation;

/// <summary>Small signatures for texts and pages hit in the same files as in ClamAV's scanner.</summary>
public sealed class NormalisedViewsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, int, string, string, bool> Rows => new()
    {
        { "letters of a text are small", 7, "hello world", "xx Hello WORLD xx", true },
        { "capitals in a signature for texts never match", 7, "Hello", "xx Hello WORLD xx", false },
        { "white space in a text is one space", 7, "hello world", "hello \r\n\t world", true },
        { "a signature for any content looks at the text as it is", 0, "Hello  WORLD", "xx Hello  WORLD xx", true },
        { "and at the normalised text", 0, "hello world", "xx Hello  WORLD xx", true },
        { "a signature for pages does not look at texts", 3, "hello world", "xx hello world xx", false },
        { "wide text is text", 7, "hello world", "\u00FF\u00FEH\0e\0l\0l\0o\0 \0W\0o\0r\0l\0d\0", true },
        { "UTF-8 loses what is not ASCII", 7, "caf end", "this is a caf\u00C3\u00A9 end", true },
        { "a page's letters are small", 3, "<b>hello", "<html><B>HELLO</B></html>", true },
        { "a page's comments are gone", 3, "helloworld", "<html><b>Hello<!-- x -->World</b></html>", true },
        { "and are not searched", 3, "secret", "<html><b>Hello<!-- secret -->World</b></html>", false },
        { "entities are characters", 3, "a<b", "<html>A&lt;B</html>", true },
        { "numbers are characters", 3, "hello", "<html>&#72;&#x65;llo</html>", true },
        { "quotes are double quotes", 3, "<a href=\"x y\">", "<html><A HREF='X Y'>z</A></html>", true },
        { "tags inside of words are gone from the words", 3, "hel lo", "<html>hel<b>lo</b></html>", true },
        { "links are in the words", 3, "http://X/A link", "<html><a href=\"http://X/A\">link</a></html>", true },
        { "scripts have no white space", 3, "vara=\"b\";", "<html><script> var a = 'b' ; </script></html>", true },
        { "variables of scripts are renamed", 3, "var n000=\"xy\";", "<html><script> var Name = 'x' + 'y' ; </script></html>", true },
        { "scripts of pages are texts", 7, "var n000=\"xy\";", "<html><script> var Name = 'x' + 'y' ; </script></html>", true },
        { "scripts in texts are not renamed", 7, "n000", "var Name = 'x' + 'y' ;", false },
        { "what scripts unescape is searched", 3, "a(\"evil\");", "<html><script>a(unescape('%65v%69l'));</script></html>", true },
        { "what scripts evaluate is searched", 3, "<script>evil(1);x", "<html><script>eval('evil(1);'); x</script></html>", true },
        { "a signature for any content looks at normalised pages", 0, "<b>hello", "<html><B>HELLO</B></html>", true },
        { "a signature for texts does not look at pages", 7, "hello", "<html><b>hello</b></html>", false },
        { "wide pages are pages", 3, "<b>hello", "\u00FF\u00FE<\0h\0t\0m\0l\0>\0<\0b\0>\0H\0E\0L\0L\0O\0<\0/\0b\0>\0", true },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_signature_hits_where_it_hits_in_clamscan(string because, int target, string body, string file, bool hits)
    {
        ClamScan.Require();
        string definitions = Directory.CreateDirectory(_folder["definitions"]).FullName;
        string files = Directory.CreateDirectory(_folder["files"]).FullName;
        string hex = Convert.ToHexString(Encoding.Latin1.GetBytes(body));
        File.WriteAllText(Path.Combine(definitions, "one.ndb"), $"Test.One:{target}:*:{hex}\n");
        byte[] bytes = Encoding.Latin1.GetBytes(file);
        File.WriteAllBytes(Path.Combine(files, "file"), bytes);
        SignatureEngine engine = new(SignatureDatabase.Load(definitions, cancellationToken: TestContext.Current.CancellationToken));
        using MemoryContent content = new("file", bytes);

        bool actual = engine.FindAll(content, TestContext.Current.CancellationToken).Contains("Test.One");
        bool expected = ClamScan.AllMatches(definitions, files).ContainsKey("file");

        Assert.True((expected, actual) == (hits, hits), $"{because}: clamscan {expected}, built-in {actual}");
    }
}
