using Symantec.Virtualization.Scanning.Signatures.Tests.Conformance;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Logical;

/// <summary>What logical signatures mean: each row is tried on clamscan as well.</summary>
public class LogicalTests
{
    private const string Binary = "\0\0\0\0\u0001\u0002\u0003\u0004";

    // Subsignatures: 0 "aaaa", 1 "bbbb", 2 "cccc".
    private const string Three = "61616161;62626262;63636363";

    [Fact]
    public void Expressions_are_evaluated_in_ClamAVs_own_order() => OracleRows.Check(
        ".ldb",
        Row("both", "0&1&2", "aaaa bbbb cccc", true),
        Row("one of them is missing", "0&1&2", "aaaa bbbb", false),
        Row("either", "0|1|2", "cccc", true),
        Row("outside of parentheses the first operator splits", "0&1|2", "cccc", false),
        Row("so that the rest belongs together", "0&1|2", "aaaa cccc", true),
        Row("inside of parentheses the last one does", "(0&1|2)", "cccc", true),
        Row("nested ones", "((0|1)&2)", "bbbb cccc", true),
        Row("none", "0=0&1&2", "bbbb cccc", true),
        Row("none, but it is there", "0=0&1&2", "aaaa bbbb cccc", false),
        Row("more than once", "0>1&1&2", "aaaa aaaa bbbb cccc", true),
        Row("only once", "0>1&1&2", "aaaa bbbb cccc", false),
        Row("twice exactly", "0=2&1&2", "aaaa aaaa bbbb cccc", true),
        Row("three times", "0=2&1&2", "aaaa aaaa aaaa bbbb cccc", false),
        Row("matches that overlap are counted each", "0=3&1&2", "aaaaaa bbbb cccc", true),
        Row("fewer than", "0<2&1&2", "aaaa bbbb cccc", true),
        Row("a group together", "(0|1|2)>2", "aaaa aaaa bbbb", true),
        Row("a group with too few", "(0|1|2)>2", "aaaa bbbb", false),
        Row("a group with enough different ones", "(0|1|2)>2,2", "aaaa aaaa bbbb", true),
        Row("a group with too few different ones", "(0|1|2)>2,2", "aaaa aaaa aaaa", false));

    [Fact]
    public void Modifiers_change_what_bytes_mean() => OracleRows.Check(
        ".ldb",
        One("without case", "616263646566::i", "aBcDeF", true),
        One("with case", "616263646566", "aBcDeF", false),
        One("wide", "616263646566::w", "a\0b\0c\0d\0e\0f\0", true),
        One("wide means not as it is", "616263646566::w", "abcdef", false),
        One("wide or as it is", "616263646566::wa", "abcdef", true),
        One("wide without case", "616263646566::iw", "A\0b\0C\0d\0E\0f\0", true),
        One("a full word", "616263646566::f", "-abcdef-", true),
        One("a part of a word", "616263646566::f", "-abcdefg-", false),
        One("without case, with any bytes", "6162??646566::i", "AB-DEF", true),
        One("alternates without case", "6162(63|78)646566::i", "ABCDEF", true));

    [Fact]
    public void Regular_expressions_run_where_their_trigger_holds() => OracleRows.Check(
        ".ldb",
        Of("found", "0&1", "61616161;0/b+c{2}/", "aaaa bbbcc", true),
        Of("the trigger is missing", "0&1", "61616161;0/b+c{2}/", "bbbcc", false),
        Of("not found", "0&1", "61616161;0/b+c{2}/", "aaaa bc", false),
        Of("without case", "0&1", "61616161;0/bc/i", "aaaa BC", true),
        Of("a byte beyond ASCII", "0&1", @"61616161;0/\xe9\xff/", "aaaa \u00E9\u00FF", true),
        Of("looking ahead", "0&1", "61616161;0/b(?=c)/", "aaaa bc", true),
        Of("a group by name", "0&1", "61616161;0/(?P<one>b+)-(?P=one)!/", "aaaa bb-bb!", true),
        Of("a group by name, not the same", "0&1", "61616161;0/(?P<one>b+)-(?P=one)!/", "aaaa bbb-c!", false),
        Of("as little as possible", "0&1", "61616161;0/b.*c!/U", "aaaa bxxc!", true),
        Of("a semicolon inside", "0&1", "61616161;0/b;c/", "aaaa b;c", true),
        Of("counted with g", "0&1>2", "61616161;0/b/g", "aaaa bbb", true),
        Of("counted once without", "0&1>2", "61616161;0/b/", "aaaa bbb", false));

    [Fact]
    public void Numbers_in_the_content_are_compared() => OracleRows.Check(
        ".ldb",
        Of("greater", "0&1", "61616161;0(>>4#il2#>255)", "aaaa\u0001\u0001", true),
        Of("not greater", "0&1", "61616161;0(>>4#il2#>257)", "aaaa\u0001\u0001", false),
        Of("big-endian", "0&1", "61616161;0(>>4#ib2#=258)", "aaaa\u0001\u0002", true),
        Of("little-endian", "0&1", "61616161;0(>>4#il2#=258)", "aaaa\u0001\u0002", false),
        Of("in front", "0&1", "61616161;0(<<1#il1#=5)", "\u0005aaaa", true),
        Of("decimal digits", "0&1", "61616161;0(>>4#de3#=123)", "aaaa123", true),
        Of("hexadecimal digits", "0&1", "61616161;0(>>4#hb4#=0x1234)", "aaaa1234", true),
        Of("hexadecimal digits from the right", "0&1", "61616161;0(>>4#hl4#=0x3412)", "aaaa1234", true),
        Of("hexadecimal digits without an order", "0&1", "61616161;0(>>4#h4#=0x1234)", "aaaa1234", false),
        Of("digits of either kind", "0&1", "61616161;0(>>4#ab4#=0x12)", "aaaa0x12", true),
        Of("fewer digits than asked for", "0&1", "61616161;0(>>4#d5#=123)", "aaaa123xy", true),
        Of("fewer digits than must be", "0&1", "61616161;0(>>4#de5#=123)", "aaaa123xy", false),
        Of("a range", "0&1", "61616161;0(>>4#il1#>4,<6)", "aaaa\u0005", true),
        Of("outside of the range", "0&1", "61616161;0(>>4#il1#>4,<6)", "aaaa\u0006", false));

    [Fact]
    public void Conditions_bound_which_contents_are_looked_at() => OracleRows.Check(
        ".ldb",
        new OracleRow("long enough", "Engine:51-255,FileSize:10-30,Target:0;0;61616161", Binary + "aaaa......", true),
        new OracleRow("too long", "Engine:51-255,FileSize:10-13,Target:0;0;61616161", Binary + "aaaa......", false),
        new OracleRow("sections", "Engine:51-255,NumberOfSections:2-3,Target:1;0;61616161", CarrierFile.Make(1, "aaaa"u8.ToArray(), 2), true),
        new OracleRow("too few sections", "Engine:51-255,NumberOfSections:2-3,Target:1;0;61616161", CarrierFile.Make(1, "aaaa"u8.ToArray(), 1), false),
        new OracleRow("an entry point", "Engine:51-255,EntryPoint:1024-1024,Target:1;0;61616161", CarrierFile.Make(1, "aaaa"u8.ToArray(), 1), true),
        new OracleRow("another entry point", "Engine:51-255,EntryPoint:1025-2000,Target:1;0;61616161", CarrierFile.Make(1, "aaaa"u8.ToArray(), 1), false),
        new OracleRow("in nothing", "Engine:51-255,Container:CL_TYPE_ANY,Target:0;0;61616161", Binary + "aaaa", true),
        new OracleRow("not in an archive", "Engine:51-255,Container:CL_TYPE_ZIP,Target:0;0;61616161", Binary + "aaaa", false));

    private static OracleRow Row(string @case, string expression, string content, bool isMatch) => Of(@case, expression, Three, content, isMatch);

    private static OracleRow One(string @case, string subsignature, string content, bool isMatch) => Of(@case, "0", subsignature, content, isMatch);

    private static OracleRow Of(string @case, string expression, string subsignatures, string content, bool isMatch) =>
        new(@case, $"Engine:81-255,Target:0;{expression};{subsignatures}", Binary + content, isMatch);
}
