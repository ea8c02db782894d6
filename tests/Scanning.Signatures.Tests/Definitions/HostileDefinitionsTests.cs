using System.Text;
using FsCheck.Xunit;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Definitions;

/// <summary>Files of definitions by somebody hostile, or by a broken disk.</summary>
public class HostileDefinitionsTests
{
    private static readonly string[] Extensions = [".ndb", ".ldb", ".db", ".hdb", ".mdb", ".imp", ".fp", ".ign", ".ign2", ".cvd", ".cld", ".cud"];

    private static readonly string[] Pieces =
    [
        "Name", ":", ";", "0", "1", "*", "&", "|", "(", ")", "=", ">", "<", ",", "61626364", "??", "a?", "{2-4}", "{5}", "{-3}", "[1-2]", "!(61|62)", "(6162|63)", "(B)", "(L)",
        "EP+0", "EOF-4", "S0+2", "SE1", "VI", "Target:0", "Engine:51-255", "FileSize:1-9", "/a+b/i", "0(>>1#il1#>2)", "::iwaf", "\n", "$1$", "${1-2}3$", "#", "900150983cd24fb0d6963f7d28e17f72",
    ];

    [Property(MaxTest = 300)]
    public void Any_bytes_are_loaded_or_named(byte[] bytes, int kind) => LoadAndScan(Extensions[Choice(kind, Extensions.Length)], bytes);

    [Property(MaxTest = 2000)]
    public void Any_pieces_of_signatures_are_loaded_or_named(int[] pieces, int kind) => LoadAndScan(
        Extensions[Choice(kind, 3)], Encoding.Latin1.GetBytes(string.Concat(pieces.Select(static piece => Pieces[Choice(piece, Pieces.Length)]))));

    [Fact]
    public void Nesting_without_end_is_malformed_and_costs_its_line_only()
    {
        string deep = new('(', 20_000);
        SignatureDatabase database = Load(".ldb", Encoding.ASCII.GetBytes($"Deep;Target:0;{deep}0;61626364\nFine;Target:0;0;61626364\nAlternates;Target:0;0;6162{deep}63\n"));

        Assert.Equal(1, database.Report.Loaded);
        Assert.Equal([1L, 3L], database.Report.Files.SelectMany(static file => file.MalformedLines).Select(static line => line.Line));
    }

    [Fact]
    public void Signatures_that_ask_for_too_much_are_left_out_with_the_reason()
    {
        string doubled = string.Concat(Enumerable.Repeat("(61|62)", 12));
        SignatureDatabase database = Load(
            ".ldb",
            Encoding.ASCII.GetBytes($"Many;Target:0;0;6162({doubled}|63)6465\nIcon;Engine:51-255,Target:1,IconGroup1:X;0;61626364\nMacro;Target:0;0&1;61626364;${{1-2}}3$\nLater;Target:0;0&1;1/a/;61626364\n"));

        Assert.Equal(0, database.Report.Loaded);
        Assert.Equal(
            ["icon groups", "macro groups", "more than 256 alternates in one place", "subsignatures that wait for later ones"],
            database.Report.LeftOut.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_part_that_can_be_read_in_too_many_ways_is_left_out_and_one_with_many_choices_of_one_length_is_not()
    {
        string uneven = string.Concat(Enumerable.Repeat("(61|6161)", 30));
        string even = string.Concat(Enumerable.Repeat("(6161|6162)", 700));
        SignatureDatabase database = Load(".ndb", Encoding.ASCII.GetBytes($"Uneven:0:*:7a7a{uneven}7a\nEven:0:*:7a7a{even}7a7a\n"));

        Assert.Equal(1, database.Report.Loaded);
        Assert.Contains("alternates of so many lengths", Assert.Single(database.Report.LeftOut.Keys), StringComparison.Ordinal);
        using MemoryContent content = new("content", (byte[])[0, 0, .. "zz"u8, .. Enumerable.Repeat((byte)'a', 1400), .. "zz"u8]);
        Assert.Equal(["Even"], new SignatureEngine(database).FindAll(content, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("[[:]")]
    [InlineData("[[:")]
    [InlineData("[a")]
    [InlineData("(?")]
    [InlineData("\\")]
    [InlineData("\\x{")]
    [InlineData("(?P=")]
    [InlineData("a{")]
    [InlineData("\\Q")]
    public void A_broken_regular_expression_costs_its_line_only(string expression)
    {
        SignatureDatabase database = Load(".ldb", Encoding.ASCII.GetBytes($"Broken;Target:0;0&1;61626364;0/{expression}/\nFine;Target:0;0;61626364\n"));

        Assert.InRange(database.Report.Loaded, 1, 2);
        using MemoryContent content = new("content", "\0\0abcd"u8.ToArray());
        Assert.Contains("Fine", new SignatureEngine(database).FindAll(content, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Malformed_lines_name_file_line_and_field()
    {
        SignatureDatabase database = Load(".ndb", "Good:0:*:61626364\nNoOffset:0:EP+0:61626364\nOdd:0:*:616\nShort:0:*:61\nTarget:99:*:61626364\n"u8.ToArray());

        Assert.Equal(1, database.Report.Loaded);
        Assert.Equal(
            [
                "local.ndb:2: offset: \"EP+0\" counts from a part of an executable, which target 0 has not",
                "local.ndb:3: body: a byte has one digit",
                "local.ndb:4: body: no two whole bytes stand beside each other in a part",
                "local.ndb:5: target: \"99\" is no number from 0 to 14",
            ],
            database.Report.Files.SelectMany(static file => file.MalformedLines).Select(static line => line.ToString()));
    }

    private static int Choice(int any, int count) => (int)(((long)any + int.MaxValue + 1) % count);

    private static void LoadAndScan(string extension, byte[] bytes)
    {
        SignatureDatabase database = Load(extension, bytes);
        Assert.Equal(database.Report.Files.Sum(static file => file.Loaded), database.Report.Loaded);
        using MemoryContent content = new("content", (byte[])[.. "MZ"u8, .. bytes, .. "abcdaaabab"u8]);
        new SignatureEngine(database).Scan(content, null, CancellationToken.None);
    }

    private static SignatureDatabase Load(string extension, byte[] bytes) =>
        SignatureDatabase.Load([DefinitionFile.FromMemory("local" + extension, bytes)], cancellationToken: TestContext.Current.CancellationToken);
}
