using System.Buffers.Binary;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Conformance;

/// <summary>The smallest files of each kind of content that hold given bytes.</summary>
internal static class CarrierFile
{
    private const int PeHeaders = 0x400;
    private const int PeAlignment = 0x200;
    private const int SectionAlignment = 0x1000;

    /// <summary>Gets where a kind of file can hold the first bytes of its own.</summary>
    public static int PayloadOffset(int target) => Prefix(target).Length;

    /// <summary>Makes a file.</summary>
    /// <param name="target">The kind, by the number that signatures name it with.</param>
    /// <param name="payload">What it holds.</param>
    /// <param name="sections">How many sections it has, if it is a program.</param>
    public static byte[] Make(int target, byte[] payload, int sections) => target switch
    {
        1 => Pe(payload, sections),
        6 => Elf(payload),
        _ => [.. Prefix(target), .. payload],
    };

    private static byte[] Prefix(int target) => target switch
    {
        1 => new byte[PeHeaders],
        2 => [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, .. new byte[16], 0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, .. new byte[471]],
        3 => Encoding.ASCII.GetBytes("<html><body>"),
        4 => Encoding.ASCII.GetBytes("From: a@example.com\nTo: b@example.com\nSubject: x\nReceived: from y\n\n"),
        5 => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0],
        6 => new byte[0x1000],
        7 => Encoding.ASCII.GetBytes("plain words stand here \n"),
        9 => [0xCE, 0xFA, 0xED, 0xFE, 7, 0, 0, 0, 3, 0, 0, 0, 2, .. new byte[15]],
        10 => Encoding.ASCII.GetBytes("%PDF-1.4\n"),
        11 => [(byte)'F', (byte)'W', (byte)'S', 6, 0xFF, 0, 0, 0],
        12 => [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 0x32],
        14 => [1, 2, 0xFE, 0xFF],
        _ => [],
    };

    /// <summary>A Windows program whose entry point is its first byte, all of it in its first section; further sections hold a little each.</summary>
    private static byte[] Pe(byte[] payload, int sections)
    {
        int size = (payload.Length + PeAlignment - 1) / PeAlignment * PeAlignment;
        size = Math.Max(size, PeAlignment);
        byte[] file = new byte[PeHeaders + size + ((sections - 1) * PeAlignment)];
        Span<byte> bytes = file;
        "MZ"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[0x3C..], 0x80);
        Span<byte> pe = bytes[0x80..];
        "PE\0\0"u8.CopyTo(pe);
        BinaryPrimitives.WriteUInt16LittleEndian(pe[4..], 0x14C);
        BinaryPrimitives.WriteUInt16LittleEndian(pe[6..], (ushort)sections);
        BinaryPrimitives.WriteUInt16LittleEndian(pe[20..], 224);
        BinaryPrimitives.WriteUInt16LittleEndian(pe[22..], 0x102);
        Span<byte> optional = pe[24..];
        BinaryPrimitives.WriteUInt16LittleEndian(optional, 0x10B);
        BinaryPrimitives.WriteInt32LittleEndian(optional[16..], SectionAlignment);
        BinaryPrimitives.WriteInt32LittleEndian(optional[28..], 0x400000);
        BinaryPrimitives.WriteInt32LittleEndian(optional[32..], SectionAlignment);
        BinaryPrimitives.WriteInt32LittleEndian(optional[36..], PeAlignment);
        BinaryPrimitives.WriteUInt16LittleEndian(optional[48..], 4);
        BinaryPrimitives.WriteInt32LittleEndian(optional[56..], 0x1000000);
        BinaryPrimitives.WriteInt32LittleEndian(optional[60..], PeHeaders);
        BinaryPrimitives.WriteUInt16LittleEndian(optional[68..], 3);
        BinaryPrimitives.WriteInt32LittleEndian(optional[92..], 16);
        int address = SectionAlignment;
        int raw = PeHeaders;
        for (int i = 0; i < sections; i++)
        {
            int length = i == 0 ? size : PeAlignment;
            Span<byte> section = optional[(224 + (i * 40))..];
            ".s\0"u8.CopyTo(section);
            section[2] = (byte)('a' + i);
            BinaryPrimitives.WriteInt32LittleEndian(section[8..], length);
            BinaryPrimitives.WriteInt32LittleEndian(section[12..], address);
            BinaryPrimitives.WriteInt32LittleEndian(section[16..], length);
            BinaryPrimitives.WriteInt32LittleEndian(section[20..], raw);
            BinaryPrimitives.WriteUInt32LittleEndian(section[36..], 0x60000020);
            raw += length;
            address += (length + SectionAlignment - 1) / SectionAlignment * SectionAlignment;
        }

        payload.CopyTo(bytes[PeHeaders..]);
        return file;
    }

    /// <summary>A 32-bit Linux program of one segment whose entry point is its first byte behind the headers.</summary>
    private static byte[] Elf(byte[] payload)
    {
        const int Start = 0x1000;
        byte[] file = new byte[Start + payload.Length];
        Span<byte> bytes = file;
        "\u007FELF\u0001\u0001\u0001"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[16..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[18..], 3);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], 0x8048000 + Start);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[28..], 52);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[32..], 84);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[40..], 52);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[42..], 32);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[44..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[46..], 40);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[48..], 1);
        Span<byte> segment = bytes[52..];
        BinaryPrimitives.WriteInt32LittleEndian(segment, 1);
        BinaryPrimitives.WriteInt32LittleEndian(segment[8..], 0x8048000);
        BinaryPrimitives.WriteInt32LittleEndian(segment[16..], file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(segment[20..], file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(segment[24..], 5);
        BinaryPrimitives.WriteInt32LittleEndian(segment[28..], Start);
        Span<byte> section = bytes[84..];
        BinaryPrimitives.WriteInt32LittleEndian(section[4..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(section[8..], 6);
        BinaryPrimitives.WriteInt32LittleEndian(section[12..], 0x8048000 + Start);
        BinaryPrimitives.WriteInt32LittleEndian(section[16..], Start);
        BinaryPrimitives.WriteInt32LittleEndian(section[20..], payload.Length);
        payload.CopyTo(bytes[Start..]);
        return file;
    }
}
