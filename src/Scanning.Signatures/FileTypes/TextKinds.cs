using System.Buffers;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Tells text from other bytes, and in which encoding it is, as file(1) does and ClamAV after it.</summary>
internal static class TextKinds
{
    /// <summary>The type of bytes that are no text.</summary>
    public const string Binary = "BINARY_DATA";

    /// <summary>Bytes that plain ASCII text is made of.</summary>
    private static readonly SearchValues<byte> Plain
        = SearchValues.Create([7, 8, 9, 10, 12, 13, 27, .. Enumerable.Range(0x20, 0x5F).Select(static value => (byte)value), 0x85]);

    /// <summary>The same, and whatever the upper half means in any 8-bit character set.</summary>
    private static readonly SearchValues<byte> EightBit
        = SearchValues.Create([7, 8, 9, 10, 12, 13, 27, .. Enumerable.Range(0x20, 0x5F).Select(static value => (byte)value), .. Enumerable.Range(0x80, 0x80).Select(static value => (byte)value)]);

    public static string Find(ReadOnlySpan<byte> head)
        => !head.ContainsAnyExcept(EightBit) ? "TEXT_ASCII"
            : IsUtf8(head) ? "TEXT_UTF8"
            : Utf16(head) ?? Binary;

    /// <summary>Tells the byte order by the mark; without one, text is taken for big-endian.</summary>
    /// <remarks>Whatever stands in the first two bytes is not looked at otherwise. Control characters are excused where there is a mark.</remarks>
    private static string? Utf16(ReadOnlySpan<byte> head)
    {
        if (head.Length < 2)
        {
            return null;
        }

        bool little = head[0] == 0xFF && head[1] == 0xFE;
        bool big = head[0] == 0xFE && head[1] == 0xFF;
        int bad = 0;
        for (int i = 2; i + 1 < head.Length; i += 2)
        {
            int unit = little ? head[i] | (head[i + 1] << 8) : head[i + 1] | (head[i] << 8);
            if (unit == 0xFFFE)
            {
                return null;
            }

            if (unit < 0x80 && !Plain.Contains((byte)unit))
            {
                if (!little && !big)
                {
                    return null;
                }

                bad++;
            }
        }

        return bad >= head.Length / 2 ? null : little ? "TEXT_UTF16LE" : "TEXT_UTF16BE";
    }

    private static bool IsUtf8(ReadOnlySpan<byte> head)
    {
        bool any = false;
        for (int i = 0; i < head.Length; i++)
        {
            if (head[i] < 0x80)
            {
                if (!Plain.Contains(head[i]))
                {
                    return false;
                }

                continue;
            }

            int following = head[i] switch { < 0xC0 => 0, < 0xE0 => 1, < 0xF0 => 2, < 0xF8 => 3, < 0xFC => 4, < 0xFE => 5, _ => 0 };
            if (following == 0)
            {
                return false;
            }

            for (; following > 0; following--)
            {
                // The head may end inside a character.
                if (++i >= head.Length)
                {
                    return any;
                }

                if ((head[i] & 0xC0) != 0x80)
                {
                    return false;
                }
            }

            any = true;
        }

        return any;
    }
}
