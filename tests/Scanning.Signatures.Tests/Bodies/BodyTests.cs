using Symantec.Virtualization.Scanning.Signatures.Tests.Conformance;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Bodies;

/// <summary>What bodies mean: each row is tried on clamscan as well.</summary>
public class BodyTests
{
    // "abcdef" is 616263646566; contents begin with bytes that make them no text, which would be looked at in a normalised form too.
    private const string Binary = "\0\0\0\0\u0001\u0002\u0003\u0004";

    [Fact]
    public void Wildcards_match_what_they_stand_for() => OracleRows.Check(
        ".ndb",
        Row("plain bytes", "0:*:616263646566", "..abcdef..", true),
        Row("one byte is another", "0:*:616263646566", "..abcxef..", false),
        Row("cut at the end of the content", "0:*:616263646566", "..abcde", false),
        Row("any byte", "0:*:6162??646566", "..abXdef..", true),
        Row("a high nibble", "0:*:61626?646566", "..abldef..", true),
        Row("a high nibble that is another", "0:*:61626?646566", "..abLdef..", false),
        Row("a low nibble", "0:*:6162?3646566", "..abCdef..", true),
        Row("a low nibble that is another", "0:*:6162?3646566", "..abDdef..", false),
        Row("a gap of a fixed length", "0:*:616263{3}646566", "..abc123def..", true),
        Row("a gap that is too short", "0:*:616263{3}646566", "..abc12def..", false),
        Row("a gap of at least", "0:*:616263{3-}646566", "..abc12345def..", true),
        Row("a gap that is less", "0:*:616263{3-}646566", "..abc12def..", false),
        Row("a gap of at most", "0:*:616263{-3}646566", "..abc12def..", true),
        Row("no gap where at most some is allowed", "0:*:616263{-3}646566", "..abcdef..", true),
        Row("a gap that is more", "0:*:616263{-3}646566", "..abc1234def..", false),
        Row("a gap in a range", "0:*:616263{2-4}646566", "..abc123def..", true),
        Row("a gap below the range", "0:*:616263{2-4}646566", "..abc1def..", false),
        Row("a gap above the range", "0:*:616263{2-4}646566", "..abc12345def..", false),
        Row("any gap", "0:*:616263*646566", $"..abc{new string('x', 5000)}def..", true),
        Row("the parts in the other order", "0:*:616263*646566", "..def..abc..", false),
        Row("a part that comes again where the first was too early", "0:*:616263{1-2}646566", "..abc........abc1def..", true));

    [Fact]
    public void Alternates_match_any_of_theirs() => OracleRows.Check(
        ".ndb",
        Row("one of two bytes", "0:*:6162(63|64)6566", "..abdef..", true),
        Row("none of them", "0:*:6162(63|64)6566", "..abxef..", false),
        Row("not one of two bytes", "0:*:6162!(63|64)6566", "..abxef..", true),
        Row("one that is excluded", "0:*:6162!(63|64)6566", "..abcef..", false),
        Row("one of two runs", "0:*:6162(6364|7879)6566", "..abxyef..", true),
        Row("neither run", "0:*:6162(6364|7879)6566", "..abcyef..", false),
        Row("not one of two runs", "0:*:6162!(6364|7879)6566", "..abcyef..", true),
        Row("a run that is excluded", "0:*:6162!(6364|7879)6566", "..abcdef..", false),
        Row("runs of several lengths, the long one", "0:*:6162(63|636465)6667", "..abcdefg..", true),
        Row("runs of several lengths, the short one", "0:*:6162(63|636465)6667", "..abcfg..", true),
        Row("runs with wildcards", "0:*:6162(6?64|7879)6566", "..abldef..", true),
        Row("nested ones", "0:*:6162(63(64|65)|78)6667", "..abcefg..", true),
        Row("nested ones, the outer", "0:*:6162(63(64|65)|78)6667", "..abxfg..", true));

    [Fact]
    public void Markers_stand_for_the_ends_of_words_and_lines() => OracleRows.Check(
        ".ndb",
        Row("a word", "0:*:(W)616263(W)", ".-abc-.", true),
        Row("a word with a letter behind it", "0:*:(W)616263(W)", ".-abcd-.", false),
        Row("a word with a digit in front of it", "0:*:(W)616263(W)", ".-1abc-.", false),
        Row("the end of the content is the end of a word", "0:*:(W)616263(W)", ".-abc", true),
        Row("a boundary", "0:*:(B)616263(B)", "../abc/..", true),
        Row("no boundary", "0:*:(B)616263(B)", "..!abc!..", false),
        Row("a line", "0:*:(L)616263(L)", "..\nabc\r\n..", true),
        Row("no line", "0:*:(L)616263(L)", ".. abc ..", false),
        Row("a byte a little in front", "0:*:78[1-3]616263", "..x12abc..", true),
        Row("a byte too far in front", "0:*:78[1-3]616263", "..x1234abc..", false),
        Row("a byte a little behind", "0:*:616263[1-3]78", "..abc1x..", true),
        Row("a byte too far behind", "0:*:616263[1-3]78", "..abc1234x..", false));

    [Fact]
    public void Offsets_bound_where_a_body_may_begin() => OracleRows.Check(
        ".ndb",
        new OracleRow("at the very beginning", "0:0:616263", "abc" + Binary, true),
        Row("not at the very beginning", "0:0:616263", "abc", false),
        Row("at an offset", "0:10:616263", "..abc..", true),
        Row("one behind the offset", "0:9:616263", "..abc..", false),
        Row("within the shift", "0:2,14:616263", "....abc..", true),
        Row("at the end of the shift", "0:2,10:616263", "....abc..", true),
        Row("behind the shift", "0:2,9:616263", "....abc..", false),
        Row("back from the end", "0:EOF-5:616263", "..abc..", true),
        Row("back from the end, one off", "0:EOF-4:616263", "..abc..", false),
        Row("a first part at its offset, the second anywhere", "0:10:616263*646566", "..abc...def", true),
        Row("a first part elsewhere", "0:11:616263*646566", "..abc...def", false));

    [Fact]
    public void Signatures_of_a_kind_of_content_look_at_no_other() => OracleRows.Check(
        ".ndb",
        new OracleRow("a program", "1:*:616263646566", CarrierFile.Make(1, "abcdef"u8.ToArray(), 1), true),
        new OracleRow("a program for Linux", "6:*:616263646566", CarrierFile.Make(6, "abcdef"u8.ToArray(), 1), true),
        new OracleRow("not a program for Windows", "1:*:616263646566", CarrierFile.Make(6, "abcdef"u8.ToArray(), 1), false),
        new OracleRow("at the entry point", "1:EP+0:616263646566", CarrierFile.Make(1, "abcdef"u8.ToArray(), 1), true),
        new OracleRow("behind the entry point", "1:EP+1:616263646566", CarrierFile.Make(1, "abcdef"u8.ToArray(), 1), false),
        new OracleRow("in a section", "1:SE0:616263646566", CarrierFile.Make(1, [.. new byte[100], .. "abcdef"u8], 2), true),
        new OracleRow("in another section", "1:SE1:616263646566", CarrierFile.Make(1, [.. new byte[100], .. "abcdef"u8], 2), false),
        new OracleRow("at a section's beginning", "1:S0+100:616263646566", CarrierFile.Make(1, [.. new byte[100], .. "abcdef"u8], 2), true));

    private static OracleRow Row(string @case, string signature, string content, bool isMatch) => new(@case, signature, Binary + content, isMatch);
}
