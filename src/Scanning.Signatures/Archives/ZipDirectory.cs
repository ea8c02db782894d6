namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The directory at the end of a ZIP archive.</summary>
internal static class ZipDirectory
{
    private const int EndSize = 22;
    private const int MaxComment = 0xFFFF;
    private const int End64Size = 56;
    private const int LocatorSize = 20;
    private const int HeaderSize = 46;

    /// <summary>Reads the directory's headers; none if there is no directory.</summary>
    /// <param name="walk">The archive.</param>
    /// <param name="covered">Takes where the directory lies.</param>
    /// <exception cref="ArchiveFormatException">The directory makes no sense from some header on.</exception>
    public static IEnumerable<ZipEntry> Read(MemberWalk walk, List<(long Start, long End)> covered)
    {
        if (FindEnd(walk) is not { } end)
        {
            walk.Incomplete("no directory at the end: the archive may be cut off");
            yield break;
        }

        (long offset, long size, long before) = Locate(walk, end);

        // Offsets count from the archive's beginning, in front of which there may be a program that unpacks it.
        long start = before - size;
        long shift = start - offset;
        if (start < 0 || shift < 0)
        {
            throw new ArchiveFormatException($"ZipEnd.DirectorySize at 0x{end + 12:X}: {size} bytes do not fit in front of it");
        }

        covered.Add((start, end + EndSize));
        byte[] header = new byte[HeaderSize];
        for (long at = start; at + HeaderSize <= before;)
        {
            walk.Read(at, header.AsSpan(0, HeaderSize), "ZipDirectoryHeader");
            if (!header.AsSpan().StartsWith("PK\x01\x02"u8))
            {
                throw new ArchiveFormatException($"ZipDirectoryHeader.Signature at 0x{at:X}: is not that of a header");
            }

            HeaderBytes fields = new(header);
            int full = HeaderSize + fields.U16(28) + fields.U16(30);
            int comment = fields.U16(32);
            Array.Resize(ref header, Math.Max(header.Length, full));
            walk.Read(at, header.AsSpan(0, full), "ZipDirectoryHeader");
            yield return ZipEntry.FromDirectory(walk, header.AsSpan(0, full), shift);
            at += full + comment;
        }
    }

    private static long? FindEnd(MemberWalk walk)
    {
        byte[] tail = new byte[(int)Math.Min(walk.Container.Length, EndSize + MaxComment)];
        long start = walk.Container.Length - tail.Length;
        walk.Read(start, tail, "ZipEnd");
        for (ReadOnlySpan<byte> left = tail; left.LastIndexOf("PK\x05\x06"u8) is >= 0 and int at; left = left[..at])
        {
            if (at + EndSize <= tail.Length)
            {
                return start + at;
            }
        }

        return null;
    }

    private static (long Offset, long Size, long Before) Locate(MemberWalk walk, long end)
    {
        Span<byte> buffer = stackalloc byte[End64Size];
        walk.Read(end, buffer[..EndSize], "ZipEnd");
        HeaderBytes fields = new(buffer);
        (long offset, long size, long before) = (fields.U32(16), fields.U32(12), end);
        if (end < LocatorSize + End64Size)
        {
            return (offset, size, before);
        }

        walk.Read(end - LocatorSize, buffer[..LocatorSize], "Zip64Locator");
        if (!buffer.StartsWith("PK\x06\x07"u8))
        {
            return (offset, size, before);
        }

        // The larger end lies in front of its locator, but for data that nobody has defined yet.
        long large = end - LocatorSize - End64Size;
        walk.Read(large, buffer, "Zip64End");
        if (buffer.StartsWith("PK\x06\x06"u8) && fields.U64(40) <= long.MaxValue && fields.U64(48) <= long.MaxValue)
        {
            (offset, size, before) = ((long)fields.U64(48), (long)fields.U64(40), large);
        }

        return (offset, size, before);
    }
}
