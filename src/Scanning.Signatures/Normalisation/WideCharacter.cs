namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Bytes that are no ASCII, up to three of them, as they come: full stops of Chinese text become dots.</summary>
/// <remarks>U+3002, U+FF0E and U+FE52 in UTF-8, and A1 43, A1 44 and A1 4F in Big5: browsers take them for dots in host names.</remarks>
internal struct WideCharacter
{
    private const int Big5Lead = 0xA1;

    private int _bytes;

    public readonly bool IsEmpty => _bytes == 0;

    /// <summary>Tells whether a byte ends the character.</summary>
    public readonly bool EndsBefore(byte value) => _bytes != 0 && (value < 0x80 || _bytes > 0xFFFF);

    public void Append(byte value) => _bytes = (_bytes << 8) | value;

    /// <summary>Takes the character out.</summary>
    /// <param name="next">The byte behind it.</param>
    /// <param name="bytes">Takes up to three bytes.</param>
    /// <param name="tookNext">Whether the byte behind it was a part.</param>
    public ReadOnlySpan<byte> Take(byte next, Span<byte> bytes, out bool tookNext)
    {
        int value = _bytes;
        _bytes = 0;
        tookNext = value == Big5Lead && next is (byte)'C' or (byte)'D' or (byte)'O';
        if (tookNext || value is 0xE38082 or 0xEFBC8E or 0xEFB992)
        {
            return "."u8;
        }

        bytes[0] = (byte)(value >> 16);
        bytes[1] = (byte)((value >> 8) & 0xFF);
        bytes[2] = (byte)(value & 0xFF);
        return bytes[(value > 0xFFFF ? 0 : value > 0xFF ? 1 : 2)..];
    }
}
