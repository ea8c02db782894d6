using System.Buffers.Binary;
using System.Numerics;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Counts the matches of subsignatures, when they are asked for.</summary>
internal interface ISubsignatureCounts
{
    /// <summary>Counts the matches of a subsignature, exactly as far as its signature tells counts apart.</summary>
    long CountOf(int id);
}

/// <summary>Evaluates the code of a logical expression, and counts no subsignature that cannot change the result.</summary>
internal static class ExpressionEvaluator
{
    /// <summary>Evaluates an expression.</summary>
    /// <param name="code">Its code.</param>
    /// <param name="counts">Counts its subsignatures.</param>
    public static bool Holds<TCounts>(ReadOnlySpan<byte> code, ref TCounts counts)
        where TCounts : ISubsignatureCounts, allows ref struct
    {
        int at = 0;
        return Evaluate(code, ref at, ref counts, isCounted: false, isAsked: true).Holds;
    }

    private static (bool Holds, long Count, ulong Ids) Evaluate<TCounts>(ReadOnlySpan<byte> code, ref int at, ref TCounts counts, bool isCounted, bool isAsked)
        where TCounts : ISubsignatureCounts, allows ref struct
    {
        if (code[at] == '#')
        {
            int id = code[at + 1];
            CountTest test = new(code[at + 2], BinaryPrimitives.ReadUInt32LittleEndian(code[(at + 3)..]), 0);
            at += SubsignatureExpression.CodeSize;
            long count = isAsked ? counts.CountOf(id) : 0;
            return isAsked && (test.Operator == 0 ? count > 0 : test.Holds(count)) ? (true, count, 1UL << id) : default;
        }

        bool isAnd = code[at] == '&';
        CountTest together = new(
            code[at + 1], BinaryPrimitives.ReadUInt32LittleEndian(code[(at + 2)..]), BinaryPrimitives.ReadUInt32LittleEndian(code[(at + 6)..]));
        at += OperatorExpression.CodeSize;
        bool areCounted = isCounted || together.Operator != 0;
        (bool Holds, long Count, ulong Ids) left = Evaluate(code, ref at, ref counts, areCounted, isAsked);
        bool isRightAsked = isAsked && (isAnd ? left.Holds : areCounted || !left.Holds);
        (bool Holds, long Count, ulong Ids) right = Evaluate(code, ref at, ref counts, areCounted, isRightAsked);
        bool holds = isAnd ? left.Holds && right.Holds : left.Holds || right.Holds;
        (long Count, ulong Ids) sum = holds ? (left.Count + right.Count, left.Ids | right.Ids) : default;
        if (together.Operator != 0)
        {
            // Where the operands do not hold, nothing counts: a test that none passes does then.
            holds = isAsked && together.Holds(sum.Count) && BitOperations.PopCount(sum.Ids) >= together.Distinct;
        }

        return holds ? (true, sum.Count, sum.Ids) : default;
    }
}
