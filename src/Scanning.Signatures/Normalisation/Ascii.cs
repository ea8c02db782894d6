namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Classes of bytes that normalisation asks for.</summary>
internal static class Ascii
{
    public static bool IsSpace(byte value) => value is (byte)' ' or (>= 9 and <= 13);

    public static byte ToLower(byte value) => value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;
}
