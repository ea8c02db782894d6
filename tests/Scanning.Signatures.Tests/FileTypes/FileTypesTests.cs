using System.Text;
using System.Text.RegularExpressions;
using FsCheck.Xunit;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.Signatures.Tests;

public sealed partial class FileTypesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Gets types, and contents in Latin-1.</summary>
    public static TheoryData<string, string> Contents => new()
    {
        { "CL_TYPE_TEXT_ASCII", "hello world" },
        { "CL_TYPE_TEXT_ASCII", "h\u00E4llo w\u00F6rld in Latin-1" },
        { "CL_TYPE_TEXT_UTF16LE", "\u00FF\u00FEh\0e\0l\0l\0o\0" },
        { "CL_TYPE_TEXT_UTF16BE", "\u00FE\u00FF\0h\0e\0l\0l\0o" },
        { "CL_TYPE_BINARY_DATA", "\0\u0001\0\u0002some bytes\0\u0003" },
        { "CL_TYPE_HTML", "<p>some text <IMG src='x'>" },
        { "CL_TYPE_HTML", "\u0001\0\u0002\u007F<html><body>" },
        { "CL_TYPE_HTML", "text <a class=x href=y>" },
        { "CL_TYPE_HTML_UTF16", "\u00FF\u00FE<\0h\0t\0m\0l\0>\0h\0i\0" },
        { "CL_TYPE_MAIL", "From: a\nTo: b\n\ntext" },
        { "CL_TYPE_MAIL", "X-Unusual: 1\nFrom: a\nMIME-Version: 1.0\n\ntext" },
        { "CL_TYPE_MAIL", "X-Unusual: 1\nreceived: a\ncontent-type: text/plain\n\n<html>" },
        { "CL_TYPE_RTF", "{\\rtf1 text}" },
        { "CL_TYPE_PDF", "%PDF-1.4\n%%EOF" },
        { "CL_TYPE_PDF", "some text %PDF-1.4\n%%EOF" },
        { "CL_TYPE_PS", "%!PS-Adobe-3.0\n" },
        { "CL_TYPE_POSIX_TAR", "[aliases]\nx=y" },
        { "CL_TYPE_UUENCODED", "begin 644 x\n#86)C\n`\nend\n" },
        { "CL_TYPE_GIF", "GIF89a\u0001\0\u0001\0" },
        { "CL_TYPE_PNG", "\u0089PNG\r\n\u001A\n" },
        { "CL_TYPE_JPEG", "\u00FF\u00D8\u00FF\u00E0\0\u0010JFIF" },
        { "CL_TYPE_TIFF", "II*\0\u0008\0\0\0" },
        { "CL_TYPE_GRAPHICS", "BM\u0001\0\0\0" },
        { "CL_TYPE_SWF", "FWS\u0005\0\0\0\0" },
        { "CL_TYPE_JAVA", "\u00CA\u00FE\u00BA\u00BE\0\0\0\u0034\0\u0010" },
        { "CL_TYPE_MACHO_UNIBIN", "\u00CA\u00FE\u00BA\u00BE\0\0\0\u0002\0\u0010" },
        { "CL_TYPE_MSSZDD", "SZDD\u0088\u00F0'3A\0" },
        { "CL_TYPE_LNK", "L\0\0\0\u0001\u0014\u0002\0\0\0\0\0\u00C0\0\0\0\0\0\0F" },
        { "CL_TYPE_BINARY_DATA", "\0\u0001\0\u0002 in front of PK\u0003\u0004 and so on" },
        { "CL_TYPE_PYTHON_COMPILED", "\u00CB\r\r\n\0\0\0\0\0\0\0\0\0\0\0\0\u00E3\0" },
        { "CL_TYPE_LHA_LZH", "\u0020\u0001-lh5-\u0001\u0002\u0003\0\0\0\0\0" },
        { "CL_TYPE_XML_WORD", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<w:wordDocument xmlns:w=\"x\">" },
        { "CL_TYPE_OOXML_XL", "PK\u0003\u0004\u0014\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\u0003\0\0\0xl/workbook.xml and some more bytes after it, for one header" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Contents))]
    public void A_type_is_told_by_the_bytes_as_ClamAV_tells_it(string name, string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        Assert.Equal(name, FileTypes.Identify(bytes, bytes.Length).Name);

        Peer.Require("clamscan");
        File.WriteAllBytes(_folder["content"], bytes);
        Assert.Equal(name, TypeByClamAv(_folder["content"]));
    }

    [Fact]
    public void Every_file_of_ClamAVs_own_test_set_has_the_type_that_ClamAV_gives_it()
    {
        Peer.Require("clamscan");
        foreach (string path in ClamAvTestFiles.All)
        {
            byte[] bytes = File.ReadAllBytes(path);
            string name = FileTypes.Identify(bytes, bytes.Length).Name;
            string oracle = TypeByClamAv(path);

            // When ClamAV has opened a compound file, it calls it by the program that wrote it.
            Assert.Equal((path, oracle is "CL_TYPE_MSWORD" or "CL_TYPE_MSPPT" or "CL_TYPE_MSXL" ? "CL_TYPE_MSOLE2" : oracle), (path, name));
        }
    }

    [Theory]
    [InlineData("CL_TYPE_MSEXE", 1)]
    [InlineData("CL_TYPE_MSOLE2", 2)]
    [InlineData("CL_TYPE_HTML", 3)]
    [InlineData("CL_TYPE_MAIL", 4)]
    [InlineData("CL_TYPE_PNG", 5)]
    [InlineData("CL_TYPE_ELF", 6)]
    [InlineData("CL_TYPE_TEXT_UTF16LE", 7)]
    [InlineData("CL_TYPE_MACHO_UNIBIN", 9)]
    [InlineData("CL_TYPE_PDF", 10)]
    [InlineData("CL_TYPE_SWF", 11)]
    [InlineData("CL_TYPE_JAVA", 12)]
    [InlineData("CL_TYPE_INTERNAL", 13)]
    [InlineData("CL_TYPE_BINARY_DATA", 14)]
    [InlineData("CL_TYPE_ZIP", 0)]
    public void Types_are_known_by_ClamAVs_names_with_ClamAVs_targets(string name, int target)
        => Assert.Equal(target, (int)FileTypes.Named(name)!.Target);

    [Fact]
    public void A_name_that_ClamAV_does_not_know_has_no_type()
    {
        Assert.Null(FileTypes.Named("CL_TYPE_UNHEARD_OF"));
        Assert.Null(FileTypes.Named("zip"));
    }

    [Property(MaxTest = 2000)]
    public void Any_bytes_have_a_type(byte[] bytes, byte magic)
    {
        string start = Contents.ElementAt(magic % Contents.Count).Data.Item2;
        byte[] changed = [.. Encoding.Latin1.GetBytes(start)[..(magic % start.Length)], .. bytes];

        Assert.NotNull(FileTypes.Identify(changed, changed.Length));
    }

    private string TypeByClamAv(string path)
    {
        string none = _folder["none.ndb"];
        File.WriteAllText(none, "None:0:*:00112233445566778899aabbccddeeff\n");
        ProgramRun run = ProgramRun.Of("clamscan", ["-d", none, "--gen-json", "--debug", path]);
        return RootType().Match(run.Errors + run.Output).Groups[1].Value;
    }

    [GeneratedRegex("\"RootFileType\":\\s*\"(\\w+)\"")]
    private static partial Regex RootType();
}
