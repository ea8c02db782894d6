using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>How the bytes of a number are to be read.</summary>
[Flags]
internal enum NumberForms : byte
{
    None = 0,

    /// <summary><c>h</c>: hexadecimal digits.</summary>
    Hexadecimal = 1,

    /// <summary><c>d</c>: decimal digits.</summary>
    Decimal = 2,

    /// <summary><c>a</c>: hexadecimal digits behind <c>0x</c>, decimal ones otherwise.</summary>
    Automatic = 4,

    /// <summary><c>i</c>: the bytes themselves.</summary>
    Raw = 8,

    /// <summary><c>b</c>: the most significant byte first.</summary>
    BigEndian = 16,

    /// <summary><c>l</c>: the least significant byte first.</summary>
    LittleEndian = 32,

    /// <summary><c>e</c>: all of the bytes must be digits.</summary>
    Exact = 64,
}

/// <summary>A subsignature that compares a number near a match of another one: <c>0(&gt;&gt;4#il4#&gt;1000)</c>.</summary>
/// <remarks>
/// Source: ClamAV's documentation, "Byte compare subsignatures", and trying what it leaves open: the last match counts; what is not decimal and names no byte order
/// never matches; decimal digits are read from the left only.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct ByteComparison
{
    private const int MaxDigits = 18;

    /// <summary>The other subsignature, by its number in the signature.</summary>
    public int Trigger;

    /// <summary>How many bytes behind the beginning of its match the number stands; below 0 in front of it.</summary>
    public int Distance;

    public long FirstOperand;

    public long SecondOperand;

    public NumberForms Forms;

    /// <summary>How many bytes the number takes.</summary>
    public byte Length;

    public byte FirstOperator;

    /// <summary>The second comparison, that must hold as well; 0 if there is none.</summary>
    public byte SecondOperator;

    /// <summary>Tells whether a subsignature is one.</summary>
    public static bool IsComparison(ReadOnlySpan<byte> text) => text.Contains((byte)'(') && text.Count((byte)'#') >= 2;

    /// <summary>Reads it.</summary>
    /// <exception cref="SignatureSyntaxException">It is none.</exception>
    public static ByteComparison Parse(ReadOnlySpan<byte> text)
    {
        int open = text.IndexOf((byte)'(');
        int first = text.IndexOf((byte)'#');
        int second = text.LastIndexOf((byte)'#');
        if (open < 1 || first < open || second <= first || text[^1] != ')' || !Utf8Parser.TryParse(text[..open], out int trigger, out int used) || used != open
            || trigger is < 0 or >= LogicalExpression.MaxSubsignatures)
        {
            throw Fault(text);
        }

        ByteComparison comparison = new() { Trigger = trigger, Distance = ParseDistance(text[(open + 1)..first], text) };
        comparison.ParseForms(text[(first + 1)..second], text);
        comparison.ParseOperators(text[(second + 1)..^1], text);
        return comparison;
    }

    /// <summary>Compares.</summary>
    /// <param name="bytes">The bytes where the number stands, as many as there are up to the end of the content.</param>
    public readonly bool Holds(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Length || ReadNumber(bytes[..Length]) is not { } number)
        {
            return false;
        }

        return Compare(FirstOperator, number, FirstOperand) && (SecondOperator == 0 || Compare(SecondOperator, number, SecondOperand));
    }

    private readonly long? ReadNumber(ReadOnlySpan<byte> bytes)
    {
        bool isBig = (Forms & NumberForms.BigEndian) != 0;
        bool isLittle = (Forms & NumberForms.LittleEndian) != 0;
        if ((Forms & NumberForms.Decimal) == 0 && !isBig && !isLittle)
        {
            return null;
        }

        if ((Forms & NumberForms.Raw) != 0)
        {
            return Length switch
            {
                1 => bytes[0],
                2 => isBig ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
                4 => isBig ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
                _ => isBig ? BinaryPrimitives.ReadInt64BigEndian(bytes) : BinaryPrimitives.ReadInt64LittleEndian(bytes),
            };
        }

        bytes = bytes.TrimStart(" \t\n\v\f\r"u8);
        bool hasPrefix = bytes.StartsWith("0x"u8) || bytes.StartsWith("0X"u8);
        bool isHexadecimal = (Forms & NumberForms.Hexadecimal) != 0 || ((Forms & NumberForms.Automatic) != 0 && hasPrefix);
        bytes = isHexadecimal && hasPrefix ? bytes[2..] : bytes;
        int used;
        bool isNumber = isHexadecimal ? Utf8Parser.TryParse(bytes, out long number, out used, 'x') : Utf8Parser.TryParse(bytes, out number, out used);
        if (!isNumber || (used != bytes.Length && (Forms & NumberForms.Exact) != 0))
        {
            return null;
        }

        return !isLittle ? number : isHexadecimal ? Swap(number, (used + 1) / 2) : null;
    }

    private static long Swap(long number, int size) => BinaryPrimitives.ReverseEndianness(number) >>> (64 - (8 * Math.Min(size, sizeof(long))));

    private static bool Compare(byte comparison, long number, long operand) => comparison switch
    {
        (byte)'>' => number > operand,
        (byte)'<' => number < operand,
        _ => number == operand,
    };

    private static int ParseDistance(ReadOnlySpan<byte> text, ReadOnlySpan<byte> whole)
    {
        bool isBack = text.StartsWith("<<"u8);
        long distance = isBack || text.StartsWith(">>"u8) ? ParseNumber(text[2..], whole) : throw Fault(whole);
        return distance is >= 0 and <= int.MaxValue ? (int)(isBack ? -distance : distance) : throw Fault(whole);
    }

    private void ParseForms(ReadOnlySpan<byte> text, ReadOnlySpan<byte> whole)
    {
        int at = 0;
        for (; at < text.Length && text[at] is < (byte)'0' or > (byte)'9'; at++)
        {
            Forms |= text[at] switch
            {
                (byte)'h' => NumberForms.Hexadecimal,
                (byte)'d' => NumberForms.Decimal,
                (byte)'a' => NumberForms.Automatic,
                (byte)'i' => NumberForms.Raw,
                (byte)'b' => NumberForms.BigEndian,
                (byte)'l' => NumberForms.LittleEndian,
                (byte)'e' => NumberForms.Exact,
                _ => throw Fault(whole),
            };
        }

        if ((Forms & NumberForms.Decimal) != 0 && (Forms & NumberForms.LittleEndian) != 0)
        {
            throw Fault(whole);
        }

        bool isRaw = (Forms & NumberForms.Raw) != 0;
        long length = ParseNumber(text[at..], whole);
        Length = (isRaw ? length is 1 or 2 or 4 or 8 : length is > 0 and <= MaxDigits) ? (byte)length : throw Fault(whole);
    }

    private void ParseOperators(ReadOnlySpan<byte> text, ReadOnlySpan<byte> whole)
    {
        int comma = text.IndexOf((byte)',');
        (FirstOperator, FirstOperand) = ParseOperator(comma < 0 ? text : text[..comma], whole);
        if (comma >= 0)
        {
            (SecondOperator, SecondOperand) = ParseOperator(text[(comma + 1)..], whole);
        }
    }

    private static (byte Operator, long Operand) ParseOperator(ReadOnlySpan<byte> text, ReadOnlySpan<byte> whole) =>
        text.Length > 1 && text[0] is (byte)'>' or (byte)'<' or (byte)'=' ? (text[0], ParseNumber(text[1..], whole)) : throw Fault(whole);

    private static long ParseNumber(ReadOnlySpan<byte> text, ReadOnlySpan<byte> whole)
    {
        bool isHexadecimal = text.StartsWith("0x"u8);
        return long.TryParse(isHexadecimal ? text[2..] : text, isHexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw Fault(whole);
    }

    private static SignatureSyntaxException Fault(ReadOnlySpan<byte> text) =>
        new("subsignature", $"\"{Encoding.UTF8.GetString(text[..Math.Min(text.Length, 40)])}\" is no comparison of bytes");
}
