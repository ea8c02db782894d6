using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures.Tests;

/// <summary>Small programs with headers of every kind; none of them runs.</summary>
internal static class ExecutableSamples
{
    /// <summary>An ELF file with one segment and two sections.</summary>
    public static byte[] Elf(bool wide, bool big)
    {
        Writer file = new(0x400, big, 0x100..0x300);
        file.Bytes(0, [0x7F, (byte)'E', (byte)'L', (byte)'F', (byte)(wide ? 2 : 1), (byte)(big ? 2 : 1), 1]);
        file.U16(16, 2);
        file.Word(wide, 24, 24, 0x10_0123);
        file.Word(wide, 28, 32, 0x80);
        file.Word(wide, 32, 40, 0x300);
        int counts = wide ? 54 : 42;
        file.U16(counts, wide ? 56 : 32);
        file.U16(counts + 2, 1);
        file.U16(counts + 4, wide ? 64 : 40);
        file.U16(counts + 6, 2);
        file.Word(wide, 0x80 + 4, 0x80 + 8, 0x100);
        file.Word(wide, 0x80 + 8, 0x80 + 16, 0x10_0100);
        file.Word(wide, 0x80 + 20, 0x80 + 40, 0x100);
        for (int i = 0; i < 2; i++)
        {
            int section = 0x300 + (i * (wide ? 64 : 40));
            file.Word(wide, section + 16, section + 24, 0x110 + (i * 0x80));
            file.Word(wide, section + 20, section + 32, 0x60);
        }

        return file.ToBytes();
    }

    /// <summary>A Mach-O file for PowerPC with one segment of two sections, and a thread.</summary>
    public static byte[] MachO(bool wide, bool big)
    {
        Writer file = new(0x600, big, 0x400..0x600);
        file.U32(0, wide ? 0xFEEDFACF : 0xFEEDFACE);
        file.U32(4, wide ? 0x0100_0012u : 18);
        file.U32(12, 2);
        file.U32(16, 2);
        int at = wide ? 32 : 28;
        file.U32(at, wide ? 0x19u : 1);
        file.U32(at + 4, wide ? 72u + 160 : 56 + 136);
        int segment = at + 8;
        file.U32(segment + (wide ? 56 : 40), 2);
        for (int i = 0; i < 2; i++)
        {
            int section = segment + (wide ? 64 + (i * 80) : 48 + (i * 68));
            file.Word(wide, section + 32, section + 32, 0x1000 + (i * 0x100));
            file.Word(wide, section + 36, section + 40, 0x55);
            file.U32(section + (wide ? 48 : 40), (uint)(0x480 + (i * 0x80)));
            file.U32(section + (wide ? 52 : 44), 3);
        }

        int thread = segment + (wide ? 64 + 160 : 48 + 136);
        file.U32(thread, 5);
        file.Word(wide, thread + 16, thread + 16, 0x1010);
        return file.ToBytes();
    }

    /// <summary>A Windows program of 32 bits that imports functions, by name or by number, from one library.</summary>
    public static byte[] Importing(string library, string[] functions)
    {
        const int Raw = 0x200;
        const int Address = 0x1000;
        const int Thunks = 0x80;
        Writer file = new(0x800, bigEndian: false, contents: 0..0);
        file.Bytes(0, "MZ"u8);
        file.U32(0x3C, 0x40);
        file.Bytes(0x40, "PE\0\0"u8);
        file.U16(0x44, 0x14C);
        file.U16(0x46, 1);
        file.U16(0x54, 96 + (16 * 8));
        file.U16(0x56, 0x102);
        int optional = 0x58;
        file.U16(optional, 0x10B);
        file.U32(optional + 16, Address);
        file.U32(optional + 32, 0x1000);
        file.U32(optional + 36, 0x200);
        file.U32(optional + 60, Raw);
        file.U16(optional + 68, 3);
        file.U32(optional + 92, 16);
        file.U32(optional + 96 + 8, Address);
        file.U32(optional + 96 + 12, 41);
        int section = optional + 96 + (16 * 8);
        file.U32(section + 8, 0x600);
        file.U32(section + 12, Address);
        file.U32(section + 16, 0x600);
        file.U32(section + 20, Raw);

        file.U32(Raw, Address + Thunks);
        file.U32(Raw + 12, Address + 0x40);
        file.Bytes(Raw + 0x40, Encoding.ASCII.GetBytes(library));
        int name = 0x200;
        for (int i = 0; i < functions.Length; i++)
        {
            int thunk = Raw + Thunks + (i * 4);
            if (ushort.TryParse(functions[i], NumberStyles.None, CultureInfo.InvariantCulture, out ushort ordinal))
            {
                file.U32(thunk, 0x8000_0000 | ordinal);
            }
            else
            {
                file.U32(thunk, (uint)(Address + name));
                file.Bytes(Raw + name + 2, Encoding.ASCII.GetBytes(functions[i]));
                name += functions[i].Length + 3;
            }
        }

        return file.ToBytes();
    }

    private sealed class Writer
    {
        private readonly byte[] _bytes;
        private readonly bool _bigEndian;

        public Writer(int size, bool bigEndian, Range contents)
        {
            _bytes = new byte[size];
            _bigEndian = bigEndian;

            // Every place has bytes of its own, so that a signature matches at one place only.
            new Random(1).NextBytes(_bytes.AsSpan(contents));
        }

        public void Bytes(int offset, ReadOnlySpan<byte> bytes) => bytes.CopyTo(_bytes.AsSpan(offset));

        public void U16(int offset, int value) => Put(offset, 2, value);

        public void U32(int offset, uint value) => Put(offset, 4, value);

        public void Word(bool wide, int offset32, int offset64, long value) => Put(wide ? offset64 : offset32, wide ? 8 : 4, value);

        public byte[] ToBytes() => _bytes;

        private void Put(int offset, int size, long value)
        {
            Span<byte> number = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(number, value);
            number = number[..size];
            if (_bigEndian)
            {
                number.Reverse();
            }

            number.CopyTo(_bytes.AsSpan(offset));
        }
    }
}
