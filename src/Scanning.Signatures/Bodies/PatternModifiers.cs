using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What the letters behind a subsignature change: <c>::iwaf</c>.</summary>
[Flags]
internal enum PatternModifiers : byte
{
    None = 0,

    /// <summary><c>i</c>: the case of letters does not matter.</summary>
    IgnoreCase = 1,

    /// <summary><c>w</c>: a zero stands behind each byte, as in UTF-16.</summary>
    Wide = 2,

    /// <summary><c>a</c>: beside <c>w</c>, the bytes as they are count as well.</summary>
    Ascii = 4,

    /// <summary><c>f</c>: neither in front nor behind is a letter or a digit.</summary>
    FullWord = 8,
}

/// <summary>Reads the modifiers of a subsignature.</summary>
internal static class PatternModifierLetters
{
    /// <summary>Reads the letters behind the two colons.</summary>
    /// <exception cref="SignatureSyntaxException">A letter is no modifier.</exception>
    public static PatternModifiers Parse(ReadOnlySpan<byte> letters)
    {
        PatternModifiers modifiers = PatternModifiers.None;
        foreach (byte letter in letters)
        {
            modifiers |= letter switch
            {
                (byte)'i' => PatternModifiers.IgnoreCase,
                (byte)'w' => PatternModifiers.Wide,
                (byte)'a' => PatternModifiers.Ascii,
                (byte)'f' => PatternModifiers.FullWord,
                _ => throw new SignatureSyntaxException("modifiers", $"\"{Encoding.UTF8.GetString([letter])}\" is none of i, w, a, f"),
            };
        }

        return modifiers;
    }
}
