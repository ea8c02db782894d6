using System.Buffers.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>For which versions of the engine a signature is.</summary>
internal static class FunctionalityLevel
{
    /// <summary>The level of ClamAV that this engine stands for: that of 1.4.</summary>
    public const int OfThisEngine = 216;

    /// <summary>Tells whether the level is in the range that the last fields of a line state: the minimum, the maximum, both or none.</summary>
    public static bool Includes(ReadOnlySpan<byte> line, ReadOnlySpan<Range> fields) =>
        (fields.Length < 1 || Parse(line[fields[0]]) <= OfThisEngine) && (fields.Length < 2 || Parse(line[fields[1]]) >= OfThisEngine);

    /// <summary>Reads a level as ClamAV does, by C's <c>atoi</c>: as far as it is a number, and 0 where it is none.</summary>
    public static int Parse(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(WithoutLead(text), out int level, out _) ? level : 0;

    /// <summary>Leaves out what C's functions allow in front of a number: white space and one plus sign.</summary>
    public static ReadOnlySpan<byte> WithoutLead(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> number = text.TrimStart(" \t\v\f\r"u8);
        return number is [(byte)'+', >= (byte)'0' and <= (byte)'9', ..] ? number[1..] : number;
    }
}
