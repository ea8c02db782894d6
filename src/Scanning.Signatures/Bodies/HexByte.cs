using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads the two digits of a byte, either of which may be <c>?</c>.</summary>
internal static class HexByte
{
    /// <summary>The bit by which upper and lower case letters of ASCII differ.</summary>
    public const byte CaseBit = 0x20;

    /// <summary>Reads the byte in front.</summary>
    /// <returns>The byte, and which of its bits count.</returns>
    /// <exception cref="SignatureSyntaxException">Its digits are none.</exception>
    public static (byte Value, byte Mask) Parse(ReadOnlySpan<byte> text, PatternModifiers modifiers)
    {
        if (text.Length < 2)
        {
            throw new SignatureSyntaxException("body", "a byte has one digit");
        }

        (int high, int low) = (Digit(text[0]), Digit(text[1]));
        if (high == Bad || low == Bad)
        {
            throw new SignatureSyntaxException("body", $"\"{Encoding.UTF8.GetString(text[..2])}\" is no byte");
        }

        byte mask = (byte)((high == Any ? 0 : 0xF0) | (low == Any ? 0 : 0x0F));
        byte value = (byte)(((high == Any ? 0 : high) << 4) | (low == Any ? 0 : low));
        if (mask == 0xFF && (modifiers & PatternModifiers.IgnoreCase) != 0 && char.IsAsciiLetter((char)value))
        {
            mask = unchecked((byte)~CaseBit);
        }

        return ((byte)(value & mask), mask);
    }

    private const int Any = -1;
    private const int Bad = -2;

    private static int Digit(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        (byte)'?' => Any,
        _ => Bad,
    };
}
