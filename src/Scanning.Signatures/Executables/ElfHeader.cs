using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Headers of an ELF program of either width and byte order.</summary>
/// <remarks>Source: System V Application Binary Interface, "Object Files"; what counts as broken follows ClamAV's elf.c.</remarks>
internal static class ElfHeader
{
    private const int Size32 = 52;
    private const int Size64 = 64;
    private const int MaxSegments = 128;
    private const int MaxSections = 256;

    /// <summary>Reads the headers; <see langword="null"/> if they make no sense.</summary>
    /// <exception cref="IOException">The content cannot be read.</exception>
    public static ExecutableLayout? Parse(ScanContent content)
    {
        Span<byte> buffer = stackalloc byte[Size64];
        if (!HeaderBytes.TryRead(content, 0, buffer[..Size32]) || !buffer.StartsWith("\u007FELF"u8) || buffer[4] is not 1 and not 2)
        {
            return null;
        }

        bool wide = buffer[4] == 2;
        bool big = buffer[5] != 1;
        if (wide && !HeaderBytes.TryRead(content, 0, buffer))
        {
            return null;
        }

        HeaderBytes header = new(buffer, big);
        HeaderBytes counts = header.From(wide ? 54 : 42);
        ulong entry = header.Word(wide, 24, 24);
        ulong segments = header.Word(wide, 28, 32);
        ulong sections = header.Word(wide, 32, 40);
        int segmentCount = counts.U16(2);
        int sectionCount = counts.U16(6);
        if (segmentCount > MaxSegments || sectionCount > MaxSections || counts.U16(4) != (wide ? 64 : 40))
        {
            return null;
        }

        ulong? entryPoint = entry == 0 || segmentCount == 0 ? 0
            : counts.U16(0) == (wide ? 56 : 32) ? OffsetOf(entry, content, segments, segmentCount, wide, big)
            : null;
        return entryPoint is { } offset && Sections(content, sections, sectionCount, wide, big) is { } all
            ? new ExecutableLayout { Target = ContentTarget.Elf, EntryPoint = unchecked((uint)offset), Sections = all }
            : null;
    }

    /// <summary>Finds where in the file an address is, by the first segment that is loaded over it.</summary>
    private static ulong? OffsetOf(ulong address, ScanContent content, ulong table, int count, bool wide, bool big)
    {
        byte[] buffer = new byte[count * (wide ? 56 : 32)];
        if (!HeaderBytes.TryRead(content, table, buffer))
        {
            return null;
        }

        for (int i = 0; i < count; i++)
        {
            HeaderBytes segment = new HeaderBytes(buffer, big).From(i * (wide ? 56 : 32));
            ulong start = segment.Word(wide, 8, 16);
            ulong size = segment.Word(wide, 20, 40);
            ulong end = unchecked(wide ? start + size : (uint)(start + size));
            if (start <= address && end > address)
            {
                return unchecked(address - start + segment.Word(wide, 4, 8));
            }
        }

        return null;
    }

    private static ExecutableSection[]? Sections(ScanContent content, ulong table, int count, bool wide, bool big)
    {
        int size = wide ? 64 : 40;
        byte[] buffer = new byte[count * size];
        if (count > 0 && !HeaderBytes.TryRead(content, table, buffer))
        {
            return null;
        }

        ExecutableSection[] sections = new ExecutableSection[count];
        for (int i = 0; i < count; i++)
        {
            // ClamAV keeps 32 bits of each: its files are smaller than 2 GiB.
            HeaderBytes section = new HeaderBytes(buffer, big).From(i * size);
            sections[i] = new ExecutableSection(
                unchecked((uint)section.Word(wide, 16, 24)), unchecked((uint)section.Word(wide, 20, 32)), unchecked((uint)section.Word(wide, 12, 16)), 0);
        }

        return sections;
    }
}
