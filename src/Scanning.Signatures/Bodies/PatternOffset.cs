using System.Buffers.Text;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>From where a pattern's offset counts.</summary>
internal enum OffsetKind : byte
{
    /// <summary>The pattern may begin anywhere.</summary>
    Any,

    /// <summary>From the content's beginning.</summary>
    Absolute,

    /// <summary>Back from the content's end.</summary>
    FromEnd,

    /// <summary>On from the entry point of an executable.</summary>
    AfterEntryPoint,

    /// <summary>Back from the entry point of an executable.</summary>
    BeforeEntryPoint,

    /// <summary>From the beginning of a section.</summary>
    FromSection,

    /// <summary>From the beginning of the last section.</summary>
    FromLastSection,

    /// <summary>Anywhere inside a section.</summary>
    InSection,

    /// <summary>At a key or a value of the version information of a Windows program.</summary>
    VersionInformation,
}

/// <summary>Where a pattern may begin.</summary>
/// <remarks>
/// Source: ClamAV's documentation, "Extended signature format": <c>*</c>, <c>n</c>, <c>EOF-n</c>, <c>EP+n</c>, <c>EP-n</c>, <c>Sx+n</c>, <c>SL+n</c>, <c>SEx</c>,
/// <c>VI</c>; all but the first may have <c>,m</c> behind them, for a beginning up to m bytes later.
/// </remarks>
/// <param name="Kind">From where it counts.</param>
/// <param name="Value">The distance in bytes.</param>
/// <param name="MaxShift">How many bytes later the pattern may begin.</param>
/// <param name="Section">The section's number, from 0.</param>
internal readonly record struct PatternOffset(OffsetKind Kind, uint Value, uint MaxShift, int Section)
{
    private const int MaxLength = 64;

    public static PatternOffset Anywhere => default;

    /// <summary>Reads an offset as signatures write it.</summary>
    /// <exception cref="SignatureSyntaxException">It is none, or not one for contents of that kind.</exception>
    /// <exception cref="UnsupportedSignatureException">It names a macro group.</exception>
    public static PatternOffset Parse(ReadOnlySpan<byte> text, ContentTarget target)
    {
        if (text.SequenceEqual("*"u8))
        {
            return Anywhere;
        }

        if (text.Contains((byte)'$'))
        {
            throw new UnsupportedSignatureException("macro groups");
        }

        ReadOnlySpan<byte> start = text;
        uint shift = 0;
        int comma = text.IndexOf((byte)',');
        if (comma >= 0)
        {
            shift = Number(text[(comma + 1)..], text);
            start = text[..comma];
        }

        PatternOffset offset = ParseStart(start, text) with { MaxShift = shift };
        return text.Length > MaxLength
            ? throw Fault(text, $"is longer than {MaxLength} characters")
            : offset.NeedsExecutable && target is not (ContentTarget.Pe or ContentTarget.Elf or ContentTarget.MachO)
            ? throw Fault(text, $"counts from a part of an executable, which target {(int)target} has not")
            : offset;
    }

    private bool NeedsExecutable => Kind is not (OffsetKind.Any or OffsetKind.Absolute or OffsetKind.FromEnd);

    /// <summary>Computes where in a content the pattern may begin.</summary>
    /// <param name="length">The content's length.</param>
    /// <param name="layout">The executable's layout, if it is one.</param>
    /// <returns>The first and the last offset; an empty range, <c>(1, 0)</c>, if there is none. Version information is looked up apart.</returns>
    public (long First, long Last) Resolve(long length, ExecutableLayout? layout)
    {
        (long First, long Last) nowhere = (1, 0);
        if (NeedsExecutable && layout is null)
        {
            return nowhere;
        }

        switch (Kind)
        {
            case OffsetKind.Any or OffsetKind.VersionInformation:
                return (0, long.MaxValue);
            case OffsetKind.Absolute:
                return From(Value);
            case OffsetKind.FromEnd:
                return From(length - Value);
            case OffsetKind.AfterEntryPoint:
                return From(layout!.EntryPoint + Value);
            case OffsetKind.BeforeEntryPoint:
                return From(layout!.EntryPoint - Value);
            case OffsetKind.FromLastSection:
                return layout!.Sections.Count > 0 ? From(layout.Sections[^1].RawOffset + Value) : nowhere;
            case OffsetKind.FromSection:
                return Section < layout!.Sections.Count ? From(layout.Sections[Section].RawOffset + Value) : nowhere;
            default:
                return Section < layout!.Sections.Count
                    ? (layout.Sections[Section].RawOffset, layout.Sections[Section].RawOffset + layout.Sections[Section].RawSize + MaxShift)
                    : nowhere;
        }
    }

    private (long First, long Last) From(long first) => first < 0 ? (1, 0) : (first, first + MaxShift);

    private static PatternOffset ParseStart(ReadOnlySpan<byte> start, ReadOnlySpan<byte> text)
    {
        if (start.StartsWith("EP+"u8) || start.StartsWith("EP-"u8))
        {
            return new(start[2] == '+' ? OffsetKind.AfterEntryPoint : OffsetKind.BeforeEntryPoint, Number(start[3..], text), 0, 0);
        }

        if (start.StartsWith("EOF-"u8))
        {
            return new(OffsetKind.FromEnd, Number(start[4..], text), 0, 0);
        }

        if (start.StartsWith("VI"u8))
        {
            return new(OffsetKind.VersionInformation, 0, 0, 0);
        }

        if (start.StartsWith("SL+"u8))
        {
            return new(OffsetKind.FromLastSection, Number(start[3..], text), 0, 0);
        }

        if (start.StartsWith("SE"u8))
        {
            return new(OffsetKind.InSection, 0, 0, SectionNumber(start[2..], text));
        }

        if (start.StartsWith("S"u8) && start.IndexOf((byte)'+') is > 0 and var plus)
        {
            return new(OffsetKind.FromSection, Number(start[(plus + 1)..], text), 0, SectionNumber(start[1..plus], text));
        }

        return new(OffsetKind.Absolute, Number(start, text), 0, 0);
    }

    private static int SectionNumber(ReadOnlySpan<byte> digits, ReadOnlySpan<byte> text) => (int)Math.Min(Number(digits, text), int.MaxValue);

    private static uint Number(ReadOnlySpan<byte> digits, ReadOnlySpan<byte> text) => !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
        && Utf8Parser.TryParse(digits, out uint number, out int used) && used == digits.Length && used > 0
            ? number
            : throw Fault(text, "is no offset that signatures know");

    private static SignatureSyntaxException Fault(ReadOnlySpan<byte> text, string what) =>
        new("offset", $"\"{Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxLength)])}\" {what}");
}
