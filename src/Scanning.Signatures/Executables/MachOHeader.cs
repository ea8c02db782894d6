using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Headers of a Mach-O program of either width and byte order.</summary>
/// <remarks>
/// Source: Apple, "OS X ABI Mach-O File Format Reference"; the entry point is found where ClamAV's macho.c finds it, that is on PowerPC only. A file with
/// programs for several processors has no layout of its own: each program in it is a content of its own.
/// </remarks>
internal static class MachOHeader
{
    private const int HeaderSize = 28;
    private const int MaxCommands = 1024;
    private const int MaxSectionsOfSegment = 255;

    private static class Command
    {
        public const uint Segment = 0x01;
        public const uint Thread = 0x04;
        public const uint UnixThread = 0x05;
        public const uint Segment64 = 0x19;
    }

    private static class Processor
    {
        public const uint Intel = 7;
        public const uint PowerPc = 18;
        public const uint PowerPc64 = 18 | 0x0100_0000;
    }

    /// <summary>Reads the headers; <see langword="null"/> if they make no sense.</summary>
    /// <exception cref="IOException">The content cannot be read.</exception>
    public static ExecutableLayout? Parse(ScanContent content)
    {
        Span<byte> buffer = stackalloc byte[80];
        if (!HeaderBytes.TryRead(content, 0, buffer[..HeaderSize]))
        {
            return null;
        }

        bool big = buffer[0] == 0xFE;
        HeaderBytes header = new(buffer, big);
        uint magic = header.U32(0);
        uint processor = header.U32(4);
        uint commands = header.U32(16);
        bool wide = magic == 0xFEEDFACF;
        if (magic is not 0xFEEDFACE and not 0xFEEDFACF || commands is 0 or > MaxCommands)
        {
            return null;
        }

        List<ExecutableSection> sections = [];
        ulong entry = 0;
        ulong at = HeaderSize + (wide ? 4u : 0);
        for (; commands > 0; commands--)
        {
            if (!HeaderBytes.TryRead(content, at, buffer[..8]))
            {
                return null;
            }

            uint command = header.U32(0);
            uint size = header.U32(4);
            at += 8;
            if (command == (wide ? Command.Segment64 : Command.Segment))
            {
                int segmentSize = wide ? 64 : 48;
                if (!HeaderBytes.TryRead(content, at, buffer[..segmentSize]))
                {
                    return null;
                }

                uint count = header.U32(segmentSize - 8);
                at += (uint)segmentSize;
                if (count > MaxSectionsOfSegment || !AddSections(content, ref at, count, wide, big, sections))
                {
                    return null;
                }
            }
            else if (command is Command.Thread or Command.UnixThread && ThreadStateSize(processor) is > 0 and { } stateSize)
            {
                // The state begins with the address of the next instruction on PowerPC, and ClamAV takes it from no other processor.
                bool known = processor is Processor.PowerPc or Processor.PowerPc64;
                if (!HeaderBytes.TryRead(content, at + (uint)stateSize, buffer[..8]) || (known && !HeaderBytes.TryRead(content, at + 8, buffer[..8])))
                {
                    return null;
                }

                entry = known ? header.Word(processor == Processor.PowerPc64, 0, 0) : entry;
                at += 8 + (uint)stateSize;
            }
            else
            {
                at += size > 8 ? size - 8 : 0;
            }
        }

        return EntryPoint(unchecked((uint)entry), sections) is { } entryPoint
            ? new ExecutableLayout { Target = ContentTarget.MachO, EntryPoint = entryPoint, Sections = sections }
            : null;
    }

    private static bool AddSections(ScanContent content, ref ulong at, uint count, bool wide, bool big, List<ExecutableSection> sections)
    {
        int size = wide ? 80 : 68;
        byte[] buffer = new byte[count * size];
        if (!HeaderBytes.TryRead(content, at, buffer))
        {
            return false;
        }

        at += (uint)buffer.Length;
        for (int i = 0; i < count; i++)
        {
            HeaderBytes section = new HeaderBytes(buffer, big).From(i * size);
            uint address = unchecked((uint)section.Word(wide, 32, 32));
            uint length = unchecked((uint)section.Word(wide, 36, 40));
            int power = (int)(section.U32(wide ? 52 : 44) & 63);
            if (!wide && power > 30)
            {
                return false;
            }

            uint alignment = 1u << (power & 31);
            uint raw = unchecked(length + ((alignment - (length % alignment)) % alignment));
            sections.Add(new ExecutableSection(section.U32(wide ? 48 : 40), raw, address, length));
        }

        return true;
    }

    private static long? EntryPoint(uint address, List<ExecutableSection> sections)
    {
        if (address == 0 || sections.Count == 0)
        {
            return address;
        }

        foreach (ExecutableSection section in sections)
        {
            if (section.Address <= address && unchecked((uint)(section.Address + section.VirtualSize)) > address)
            {
                return unchecked((uint)(address - section.Address + section.RawOffset));
            }
        }

        return null;
    }

    private static int ThreadStateSize(uint processor) => processor switch
    {
        Processor.Intel => 64,
        Processor.PowerPc => 160,
        Processor.PowerPc64 => 312,
        _ => 0,
    };
}
