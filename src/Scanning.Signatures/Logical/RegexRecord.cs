using System.Runtime.InteropServices;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The letters behind a regular expression.</summary>
[Flags]
internal enum RegexFlags : ushort
{
    None = 0,

    /// <summary><c>g</c>: every match counts, not only the first.</summary>
    Global = 1,

    /// <summary><c>r</c>: with an offset, the match may begin behind it.</summary>
    Rolling = 2,

    /// <summary><c>e</c>: with a range of offsets, the match must lie in it as a whole.</summary>
    Encompass = 4,

    /// <summary><c>i</c>: the case of letters does not matter.</summary>
    IgnoreCase = 8,

    /// <summary><c>s</c>: the dot matches line feeds as well.</summary>
    DotAll = 16,

    /// <summary><c>m</c>: <c>^</c> and <c>$</c> match at lines.</summary>
    Multiline = 32,

    /// <summary><c>x</c>: white space and comments are no part of the pattern.</summary>
    Extended = 64,

    /// <summary><c>A</c>: the match begins where the search does.</summary>
    Anchored = 128,

    /// <summary><c>E</c>: <c>$</c> matches at the very end only.</summary>
    DollarEndOnly = 256,

    /// <summary><c>U</c>: quantifiers take as little as they can, unless a question mark follows.</summary>
    Ungreedy = 512,
}

/// <summary>A subsignature that is a regular expression: <c>trigger/regex/flags</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct RegexRecord
{
    /// <summary>Where in the code the expression begins that must hold before the content is searched.</summary>
    public int Trigger;

    /// <summary>Where in the code the pattern begins: bytes.</summary>
    public int Text;

    public int TextLength;

    public RegexFlags Flags;

    /// <summary>Reads the letters.</summary>
    /// <exception cref="SignatureSyntaxException">A letter is none of them.</exception>
    public static RegexFlags ParseFlags(ReadOnlySpan<byte> letters)
    {
        RegexFlags flags = RegexFlags.None;
        foreach (byte letter in letters)
        {
            flags |= letter switch
            {
                (byte)'g' => RegexFlags.Global,
                (byte)'r' => RegexFlags.Rolling,
                (byte)'e' => RegexFlags.Encompass,
                (byte)'i' => RegexFlags.IgnoreCase,
                (byte)'s' => RegexFlags.DotAll,
                (byte)'m' => RegexFlags.Multiline,
                (byte)'x' => RegexFlags.Extended,
                (byte)'A' => RegexFlags.Anchored,
                (byte)'E' => RegexFlags.DollarEndOnly,
                (byte)'U' => RegexFlags.Ungreedy,
                _ => throw new SignatureSyntaxException("flags", $"\"{Encoding.UTF8.GetString([letter])}\" is no flag of a regular expression"),
            };
        }

        return flags;
    }
}
