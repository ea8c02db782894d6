using System.Runtime.InteropServices;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>How a part of a pattern is written down.</summary>
[Flags]
internal enum PartForms : byte
{
    None = 0,

    /// <summary>One run of bytes; otherwise the code is a sequence of <see cref="PartOp"/>.</summary>
    Simple = 1,

    /// <summary>Behind the bytes stand as many masks.</summary>
    Masked = 2,

    /// <summary>Zeros can match all of it, so that a hole may.</summary>
    MatchesZeros = 4,
}

/// <summary>The steps of a part that is not one run of bytes.</summary>
internal enum PartOp : byte
{
    /// <summary>The end.</summary>
    End,

    /// <summary>A run: its length in two bytes, 1 if masks follow, the bytes, the masks.</summary>
    Literal,

    /// <summary>One byte of a set: a bit for each of the 256.</summary>
    Set,

    /// <summary>One of some runs of one length: 1 if it must be none of them, their number in two bytes, then for each its length in two bytes, the bytes, the masks.</summary>
    Alternates,

    /// <summary>The same with runs of several lengths.</summary>
    UnevenAlternates,

    /// <summary>A place between bytes, or a byte, that separates words or lines: kind, then <see cref="MarkerForms"/>.</summary>
    Marker,

    /// <summary>A byte some way in front of the beginning: least and greatest distance, byte, mask.</summary>
    Behind,

    /// <summary>A byte some way behind the end, likewise.</summary>
    Ahead,
}

/// <summary>Which bytes a marker means.</summary>
internal enum MarkerKind : byte
{
    /// <summary><c>(B)</c>: those around words and addresses.</summary>
    Boundary,

    /// <summary><c>(L)</c>: the end of a line.</summary>
    Line,

    /// <summary><c>(W)</c>: all but letters and digits.</summary>
    Word,
}

/// <summary>How a marker looks at them.</summary>
[Flags]
internal enum MarkerForms : byte
{
    /// <summary>It takes the byte as one of the pattern's own.</summary>
    None = 0,

    /// <summary>It must not be one of them.</summary>
    Negated = 1,

    /// <summary>It stands in front of all: the byte before the beginning is meant, or the beginning of the content.</summary>
    Left = 2,

    /// <summary>It stands behind all: the byte behind the end is meant, or the end of the content.</summary>
    Right = 4,

    /// <summary>The pattern is of two-byte characters.</summary>
    Wide = 8,
}

/// <summary>A part of a pattern: what stands between two gaps.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct PartRecord
{
    /// <summary>The value of <see cref="GapMax"/> that means any.</summary>
    public const int Unbounded = -1;

    /// <summary>Where its code begins.</summary>
    public int Code;

    /// <summary>How far, at least, it begins behind the end of the part in front of it.</summary>
    public int GapMin;

    /// <summary>How far at most.</summary>
    public int GapMax;

    /// <summary>Where in the code its longest run of whole bytes begins, by which it is searched.</summary>
    public int Literal;

    public ushort LiteralLength;

    /// <summary>How many bytes, at least, stand in front of that run.</summary>
    public ushort LiteralPrefix;

    /// <summary>How many more there may be.</summary>
    public ushort LiteralPrefixSpan;

    public ushort MinLength;

    public ushort MaxLength;

    public PartForms Forms;
}

/// <summary>What a subsignature is.</summary>
internal enum PatternKind : byte
{
    /// <summary>Bytes with wildcards.</summary>
    Body,

    /// <summary>A regular expression.</summary>
    Regex,

    /// <summary>A number in the content, compared.</summary>
    ByteComparison,
}

/// <summary>A subsignature, or the body of a signature that has but one.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct PatternRecord
{
    /// <summary>The value of <see cref="Twin"/> that means none.</summary>
    public const int None = -1;

    /// <summary>The first of its parts; for what is no body, its place in the table of its kind.</summary>
    public int First;

    /// <summary>Another pattern whose matches count as its own.</summary>
    public int Twin;

    public uint OffsetValue;

    public uint OffsetShift;

    public int OffsetSection;

    public ushort Parts;

    public OffsetKind Offset;

    public PatternKind Kind;

    /// <summary>Computes where in a content the pattern may begin.</summary>
    public readonly (long First, long Last) PlaceIn(ContentFacts facts) =>
        new PatternOffset(Offset, OffsetValue, OffsetShift, OffsetSection).Resolve(facts.Length, facts.Layout);
}

/// <summary>A signature.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct SignatureRecord
{
    /// <summary>Where in the text its name begins.</summary>
    public int Name;

    public int FirstPattern;

    /// <summary>Where in the code its expression begins; below 0 where its one pattern is all.</summary>
    public int Expression;

    /// <summary>Where in the code its conditions begin; below 0 where it has none.</summary>
    public int Conditions;

    public ushort Patterns;

    public ContentTarget Target;
}

/// <summary>Bytes by which a signature is suspected: where they stand, the rest is compared.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct AnchorRecord
{
    public int Signature;

    public int Pattern;

    public int Part;

    /// <summary>How many bytes of the part, at least, stand in front of the anchor.</summary>
    public ushort Prefix;

    /// <summary>How many more there may be.</summary>
    public ushort PrefixSpan;
}
