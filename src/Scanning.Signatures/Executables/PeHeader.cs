using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Headers of a Windows program, PE32 or PE32+.</summary>
/// <remarks>
/// Source: Microsoft, "PE Format". Rounding by the alignments, cutting at the end of the file and what counts as broken follow ClamAV's pe.c, since
/// signatures are made for its results.
/// </remarks>
internal static class PeHeader
{
    private const int MaxSections = 96;
    private const int MaxDirectories = 16;
    private const int OptionalHeaderSize = 96;
    private const int OptionalHeaderSizePlus = 112;
    private const int SectionHeaderSize = 40;
    private const uint SectorSize = 0x200;
    private const ushort MagicPe32Plus = 0x20B;

    private static class At
    {
        public const int NewHeader = 0x3C;
        public const int NumberOfSections = 6;
        public const int SizeOfOptionalHeader = 20;
        public const int Optional = 24;
        public const int AddressOfEntryPoint = 16;
        public const int SectionAlignment = 32;
        public const int FileAlignment = 36;
        public const int SizeOfHeaders = 60;
        public const int NumberOfDirectories = 92;
        public const int NumberOfDirectoriesPlus = 108;
        public const int VirtualSize = 8;
        public const int VirtualAddress = 12;
        public const int SizeOfRawData = 16;
        public const int PointerToRawData = 20;
    }

    /// <summary>Reads the headers; <see langword="null"/> if they make no sense.</summary>
    /// <exception cref="IOException">The content cannot be read.</exception>
    public static ExecutableLayout? Parse(ScanContent content)
    {
        Span<byte> buffer = stackalloc byte[At.Optional + OptionalHeaderSizePlus];
        if (!HeaderBytes.TryRead(content, 0, buffer[..64]) || !buffer.StartsWith("MZ"u8))
        {
            return null;
        }

        uint start = new HeaderBytes(buffer).U32(At.NewHeader);
        Span<byte> fixedPart = buffer[..(At.Optional + OptionalHeaderSize)];
        if (start == 0 || !HeaderBytes.TryRead(content, start, fixedPart) || !fixedPart.StartsWith("PE\0\0"u8))
        {
            return null;
        }

        HeaderBytes header = new(buffer);
        bool plus = header.U16(At.Optional) == MagicPe32Plus;
        int optionalSize = header.U16(At.SizeOfOptionalHeader);
        int ownSize = plus ? OptionalHeaderSizePlus : OptionalHeaderSize;
        int sectionCount = header.U16(At.NumberOfSections);
        if (sectionCount is 0 or > MaxSections || optionalSize < ownSize || (plus && !HeaderBytes.TryRead(content, start, buffer)))
        {
            return null;
        }

        HeaderBytes optional = header.From(At.Optional);
        int directoryCount = (int)Math.Min(optional.U32(plus ? At.NumberOfDirectoriesPlus : At.NumberOfDirectories), MaxDirectories);
        Span<byte> directories = stackalloc byte[MaxDirectories * 8];
        directories.Clear();
        ulong tables = (ulong)start + At.Optional;
        if (optionalSize < ownSize + (directoryCount * 8) || !HeaderBytes.TryRead(content, tables + (uint)ownSize, directories[..(directoryCount * 8)]))
        {
            return null;
        }

        byte[] headers = new byte[sectionCount * SectionHeaderSize];
        uint alignment = optional.U32(At.SectionAlignment);
        if (!HeaderBytes.TryRead(content, tables + (uint)optionalSize, headers)
            || Sections(new HeaderBytes(headers), content.Length, alignment, optional.U32(At.FileAlignment)) is not { } sections)
        {
            return null;
        }

        HeaderBytes table = new(directories);
        PeDirectories places = new(content.Length, RoundUp(optional.U32(At.SizeOfHeaders), alignment), sections)
        {
            IsPe32Plus = plus,
            Imports = new(table.U32(8), table.U32(12)),
            Resources = new(table.U32(16), table.U32(20)),
        };
        return places.OffsetOf(optional.U32(At.AddressOfEntryPoint)) is { } entryPoint
            ? new ExecutableLayout
            {
                Target = ContentTarget.Pe,
                EntryPoint = entryPoint,
                Sections = sections,
                Pe = places,
                FindVersionInfo = () => PeVersionInfo.Find(content, places),
            }
            : null;
    }

    private static ExecutableSection[]? Sections(HeaderBytes headers, long length, uint alignment, uint fileAlignment)
    {
        int count = headers.Length / SectionHeaderSize;
        for (int i = 0; i < count && fileAlignment is not 0 and not SectorSize; i++)
        {
            HeaderBytes header = headers.From(i * SectionHeaderSize);
            uint raw = header.U32(At.PointerToRawData);
            if (header.U32(At.SizeOfRawData) != 0 && raw % fileAlignment != 0 && raw % SectorSize == 0)
            {
                // One section that is aligned to sectors only, against the stated alignment, shows that the loader goes by sectors.
                fileAlignment = SectorSize;
            }
        }

        ExecutableSection[] sections = new ExecutableSection[count];
        for (int i = 0; i < count; i++)
        {
            HeaderBytes header = headers.From(i * SectionHeaderSize);
            uint address = header.U32(At.VirtualAddress);
            uint virtualSize = header.U32(At.VirtualSize);
            uint statedRaw = header.U32(At.PointerToRawData);
            uint statedSize = header.U32(At.SizeOfRawData);
            long raw = RoundDown(statedRaw, fileAlignment);
            long size = RoundUp(statedSize, fileAlignment);
            if (size > 0 && (raw >= length || statedRaw >= length))
            {
                size = 0;
                statedSize = 0;
            }
            else if (size > 0)
            {
                size = Math.Min(size, length - raw);
                statedSize = (uint)Math.Min(statedSize, length - statedRaw);
            }

            const uint Sign = 1u << 31;
            if (((address | virtualSize | statedSize) & Sign) != 0 || (size > 0 && (statedRaw & Sign) != 0))
            {
                return null;
            }

            uint loaded = RoundUp(virtualSize == 0 && size > 0 ? statedSize : virtualSize, alignment);
            sections[i] = new ExecutableSection(raw, size, RoundDown(address, alignment), loaded);
        }

        return sections;
    }

    private static uint RoundDown(uint value, uint alignment) => alignment == 0 ? value : value / alignment * alignment;

    private static uint RoundUp(uint value, uint alignment)
        => alignment == 0 ? value : unchecked(((value / alignment) + (value % alignment == 0 ? 0u : 1u)) * alignment);
}
