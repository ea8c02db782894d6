using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A comparison of a number of matches.</summary>
/// <param name="Operator"><c>=</c>, <c>&lt;</c> or <c>&gt;</c>; 0 if there is none.</param>
/// <param name="Total">The number of matches that it is compared with.</param>
/// <param name="Distinct">How many different subsignatures must have matched, at least.</param>
internal readonly record struct CountTest(byte Operator, uint Total, uint Distinct)
{
    /// <summary>Tells whether a number passes; any does if there is no test.</summary>
    public bool Holds(long count) => Operator switch
    {
        (byte)'=' => count == Total,
        (byte)'<' => count < Total,
        (byte)'>' => count > Total,
        _ => true,
    };

    /// <summary>Gets a value indicating whether a count of 0 passes.</summary>
    public bool HoldsForNone => Operator != 0 && Holds(0);
}

/// <summary>What a logical signature asks of its subsignatures.</summary>
/// <remarks>
/// <para>Source: ClamAV's documentation, "Logical signatures". Operators have no precedence. Outside of parentheses the first one splits the expression, so that
/// <c>0&amp;1|2</c> is <c>0&amp;(1|2)</c>; directly inside of them the last one does, so that <c>(0&amp;1|2)</c> is <c>(0&amp;1)|2</c>. That is so in ClamAV, by trying.</para>
/// </remarks>
internal abstract record LogicalExpression
{
    /// <summary>The greatest number of subsignatures.</summary>
    public const int MaxSubsignatures = 64;

    private const int MaxDepth = 200;

    /// <summary>Reads an expression.</summary>
    /// <exception cref="SignatureSyntaxException">It is none.</exception>
    public static LogicalExpression Parse(ReadOnlySpan<byte> text) => Parse(text, 0);

    /// <summary>Gets the greatest number of a subsignature.</summary>
    public abstract int Greatest { get; }

    /// <summary>Gets the greatest number of matches that it tells apart from a greater one.</summary>
    public abstract long GreatestCount { get; }

    /// <summary>Writes the code: operands behind their operator.</summary>
    public abstract void Write(ArrayBufferWriter<byte> code);

    /// <summary>Writes the code, and tells where.</summary>
    public int WriteTo(ArrayBufferWriter<byte> code)
    {
        int at = code.WrittenCount;
        Write(code);
        return at;
    }

    private static LogicalExpression Parse(ReadOnlySpan<byte> text, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new SignatureSyntaxException("expression", $"it is nested deeper than {MaxDepth}");
        }

        (int outer, int inner, int close) = FindOperators(text);
        if (outer >= 0)
        {
            return new OperatorExpression(text[outer], Parse(text[..outer], depth + 1), Parse(text[(outer + 1)..], depth + 1), default);
        }

        if (text.IsEmpty || text[0] != '(')
        {
            return ParseSubsignature(text);
        }

        if (close < 0)
        {
            throw Fault(text, "has a parenthesis that is not closed");
        }

        CountTest test = ParseTest(text[(close + 1)..], text);
        if (inner >= 0)
        {
            return new OperatorExpression(text[inner], Parse(text[1..inner], depth + 1), Parse(text[(inner + 1)..close], depth + 1), test);
        }

        LogicalExpression content = Parse(text[1..close], depth + 1);
        return test.Operator == 0 ? content : content is SubsignatureExpression { Test.Operator: 0 } single ? single with { Test = test } : throw Fault(text, "counts twice");
    }

    /// <summary>Finds the first operator outside of parentheses, the last one directly inside of them, and where the first ones close.</summary>
    private static (int Outer, int Inner, int Close) FindOperators(ReadOnlySpan<byte> text)
    {
        (int inner, int close, int depth) = (-1, -1, 0);
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'(':
                    depth++;
                    break;
                case (byte)')':
                    depth--;
                    if (depth < 0)
                    {
                        throw Fault(text, "has a parenthesis that was not opened");
                    }

                    close = depth == 0 && close < 0 ? i : close;
                    break;
                case (byte)'&' or (byte)'|' when depth == 0:
                    return (i, inner, close);
                case (byte)'&' or (byte)'|' when depth == 1:
                    inner = i;
                    break;
                default:
                    break;
            }
        }

        return depth == 0 ? (-1, inner, close) : throw Fault(text, "has a parenthesis that is not closed");
    }

    private static SubsignatureExpression ParseSubsignature(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out int id, out int used) && used > 0 && id is >= 0 and < MaxSubsignatures && text[0] is >= (byte)'0' and <= (byte)'9'
            ? new SubsignatureExpression(id, ParseTest(text[used..], text))
            : throw Fault(text, $"is no number of a subsignature, from 0 to {MaxSubsignatures - 1}");

    private static CountTest ParseTest(ReadOnlySpan<byte> test, ReadOnlySpan<byte> text)
    {
        if (test.IsEmpty)
        {
            return default;
        }

        // As ClamAV takes them: the operator may be doubled, and the second number missing behind its comma.
        ReadOnlySpan<byte> numbers = test[1..];
        numbers = numbers.StartsWith(test[..1]) ? numbers[1..] : numbers;
        numbers = numbers.EndsWith(","u8) ? numbers[..^1] : numbers;
        int comma = numbers.IndexOf((byte)',');
        uint total = 0;
        uint distinct = 0;
        bool isRead = comma < 0 ? TryParse(numbers, out total) : TryParse(numbers[..comma], out total) && TryParse(numbers[(comma + 1)..], out distinct);
        return isRead && test[0] is (byte)'=' or (byte)'<' or (byte)'>' ? new CountTest(test[0], total, distinct) : throw Fault(text, "has something behind it that is no count");
    }

    private static bool TryParse(ReadOnlySpan<byte> digits, out uint number) => Utf8Parser.TryParse(digits, out number, out int used) && used == digits.Length;

    private static SignatureSyntaxException Fault(ReadOnlySpan<byte> text, string what) =>
        new("expression", $"\"{Encoding.UTF8.GetString(text[..Math.Min(text.Length, 40)])}\" {what}");
}

/// <summary>One subsignature.</summary>
internal sealed record SubsignatureExpression(int Id, CountTest Test) : LogicalExpression
{
    /// <summary>The size of its code.</summary>
    public const int CodeSize = 7;

    public override int Greatest => Id;

    public override long GreatestCount => Test.Total;

    public override void Write(ArrayBufferWriter<byte> code)
    {
        Span<byte> bytes = code.GetSpan(CodeSize);
        (bytes[0], bytes[1], bytes[2]) = ((byte)'#', (byte)Id, Test.Operator);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[3..], Test.Total);
        code.Advance(CodeSize);
    }
}

/// <summary>Two expressions, of which both or one must hold, and perhaps a number of matches in them together.</summary>
internal sealed record OperatorExpression(byte Operator, LogicalExpression Left, LogicalExpression Right, CountTest Test) : LogicalExpression
{
    /// <summary>The size of its code, without its operands.</summary>
    public const int CodeSize = 10;

    public override int Greatest => Math.Max(Left.Greatest, Right.Greatest);

    public override long GreatestCount => Math.Max(Test.Total, Math.Max(Left.GreatestCount, Right.GreatestCount));

    public override void Write(ArrayBufferWriter<byte> code)
    {
        Span<byte> bytes = code.GetSpan(CodeSize);
        (bytes[0], bytes[1]) = (Operator, Test.Operator);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[2..], Test.Total);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[6..], Test.Distinct);
        code.Advance(CodeSize);
        Left.Write(code);
        Right.Write(code);
    }
}
