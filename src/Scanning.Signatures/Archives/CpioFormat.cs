using System.Globalization;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>cpio: headers of numbers as text or in binary, each with a name and in front of a member, which lies there as it is.</summary>
/// <remarks>Source: cpio(5).</remarks>
internal static class CpioFormat
{
    private const string Trailer = "TRAILER!!!";
    private const int MaxName = 4096;

    /// <summary>Opens an archive whose headers are text, hexadecimal or octal.</summary>
    public static void OpenText(MemberWalk walk)
    {
        byte[] header = new byte[110];
        for (long at = 0; at < walk.Container.Length;)
        {
            walk.Read(at, header.AsSpan(0, 6), "CpioHeader");
            bool octal = header.AsSpan().StartsWith("070707"u8);
            if (!octal && !header.AsSpan().StartsWith("070701"u8) && !header.AsSpan().StartsWith("070702"u8))
            {
                throw new ArchiveFormatException($"CpioHeader.Magic at 0x{at:X}: is none");
            }

            int size = octal ? 76 : 110;
            walk.Read(at, header.AsSpan(0, size), "CpioHeader");
            long nameLength = octal ? Octal(header.AsSpan(59, 6)) : Hexadecimal(header.AsSpan(94, 8));
            long length = octal ? Octal(header.AsSpan(65, 11)) : Hexadecimal(header.AsSpan(54, 8));
            if (!Deliver(walk, at + size, nameLength, length, octal ? 1 : 4, ref at))
            {
                return;
            }
        }
    }

    /// <summary>Opens an archive whose headers are 16-bit numbers of either byte order.</summary>
    public static void OpenBinary(MemberWalk walk)
    {
        byte[] header = new byte[26];
        for (long at = 0; at < walk.Container.Length;)
        {
            walk.Read(at, header, "CpioHeader");
            bool big = header[0] == 0x71;
            HeaderBytes fields = new(header, big);
            if (fields.U16(0) != 0x71C7)
            {
                throw new ArchiveFormatException($"CpioHeader.Magic at 0x{at:X}: is none");
            }

            // The more significant half comes first in both byte orders.
            long length = ((long)fields.U16(22) << 16) | fields.U16(24);
            if (!Deliver(walk, at + header.Length, fields.U16(20), length, 2, ref at))
            {
                return;
            }
        }
    }

    /// <returns><see langword="false"/> if there is nothing more, or no more members are wanted.</returns>
    private static bool Deliver(MemberWalk walk, long nameAt, long nameLength, long length, int alignment, ref long at)
    {
        if (nameLength is <= 0 or > MaxName)
        {
            throw new ArchiveFormatException($"CpioHeader.NameSize in front of 0x{nameAt:X}: {nameLength}");
        }

        byte[] name = new byte[nameLength];
        walk.Read(nameAt, name, "CpioName");
        string text = Encoding.UTF8.GetString(name).TrimEnd('\0');
        if (text == Trailer)
        {
            return false;
        }

        // Headers are aligned to the beginning of the archive, and members too.
        long data = Align(nameAt + nameLength, alignment);
        at = Align(data + length, alignment);
        return length == 0 || walk.DeliverWindow(walk.Info(text) with { PackedLength = length, StatedLength = length }, data, length);
    }

    private static long Align(long offset, int alignment) => (offset + alignment - 1) / alignment * alignment;

    private static long Octal(ReadOnlySpan<byte> field)
    {
        long number = 0;
        foreach (byte digit in field)
        {
            number = digit is >= (byte)'0' and <= (byte)'7' ? (number * 8) + digit - '0' : throw new ArchiveFormatException("CpioHeader has a number that is none");
        }

        return number;
    }

    private static long Hexadecimal(ReadOnlySpan<byte> field)
        => uint.TryParse(field, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number)
            ? number
            : throw new ArchiveFormatException("CpioHeader has a number that is none");
}
