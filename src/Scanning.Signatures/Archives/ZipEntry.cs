namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>One member of a ZIP archive, as its directory or its local header describes it.</summary>
internal sealed record ZipEntry
{
    public const int LocalHeaderSize = 30;

    private const uint InExtraField = 0xFFFF_FFFF;

    private static class Flag
    {
        public const int Encrypted = 1 << 0;
        public const int LengthsBehind = 1 << 3;
        public const int StrongEncryption = 1 << 6;
        public const int Utf8 = 1 << 11;
    }

    public required string Name { get; init; }

    public required int Method { get; init; }

    public required int Flags { get; init; }

    public required long HeaderOffset { get; init; }

    /// <summary>Gets where the packed bytes begin; <see langword="null"/> if there is no local header where there should be one.</summary>
    public long? DataOffset { get; init; }

    /// <summary>Gets the length of the packed bytes; <see langword="null"/> if it is known only when they have been unpacked.</summary>
    public long? PackedLength { get; init; }

    public long? Length { get; init; }

    public uint? Crc32 { get; init; }

    public bool IsEncrypted => (Flags & (Flag.Encrypted | Flag.StrongEncryption)) != 0;

    /// <summary>Reads a header of the directory.</summary>
    /// <param name="walk">The archive.</param>
    /// <param name="header">The header, with name and extra field.</param>
    /// <param name="shift">How many bytes lie in front of the archive, which its offsets do not count.</param>
    public static ZipEntry FromDirectory(MemberWalk walk, ReadOnlySpan<byte> header, long shift)
    {
        HeaderBytes fields = new(header);
        int nameLength = fields.U16(28);
        uint packed = fields.U32(20);
        uint length = fields.U32(24);
        uint offset = fields.U32(42);
        Zip64 large = new(header.Slice(46 + nameLength, fields.U16(30)));
        long fullLength = length == InExtraField ? large.Next() ?? length : length;
        long fullPacked = packed == InExtraField ? large.Next() ?? packed : packed;
        long fullOffset = offset == InExtraField ? large.Next() ?? offset : offset;
        long start = fullOffset > long.MaxValue - shift ? -1 : fullOffset + shift;
        int flags = fields.U16(8);
        return new ZipEntry
        {
            Name = ZipFormat.Name(header.Slice(46, nameLength), (flags & Flag.Utf8) != 0),
            Method = fields.U16(10),
            Flags = flags,
            HeaderOffset = start,
            DataOffset = FindData(walk, start),
            PackedLength = fullPacked,
            Length = fullLength,
            Crc32 = fields.U32(16),
        };
    }

    /// <summary>Reads the header in front of a member; <see langword="null"/> if it cannot be one.</summary>
    public static ZipEntry? FromLocalHeader(MemberWalk walk, long offset)
    {
        Span<byte> header = stackalloc byte[LocalHeaderSize];
        if (walk.Container.Read(offset, header) != LocalHeaderSize)
        {
            return null;
        }

        HeaderBytes fields = new(header);
        int nameLength = fields.U16(26);
        int method = fields.U16(8);
        int flags = fields.U16(6);
        if (nameLength is 0 or > 4096 || !ZipMethods.IsKnown(method) || fields.U16(4) >> 8 > 20)
        {
            return null;
        }

        byte[] tail = new byte[nameLength + fields.U16(28)];
        if (walk.Container.Read(offset + LocalHeaderSize, tail) != tail.Length)
        {
            return null;
        }

        Zip64 large = new(tail.AsSpan(nameLength));
        uint packed = fields.U32(18);
        uint length = fields.U32(22);
        bool behind = (flags & Flag.LengthsBehind) != 0 && packed == 0;
        long fullLength = length == InExtraField ? large.Next() ?? length : length;
        long fullPacked = packed == InExtraField ? large.Next() ?? packed : packed;
        return new ZipEntry
        {
            Name = ZipFormat.Name(tail.AsSpan(0, nameLength), (flags & Flag.Utf8) != 0),
            Method = method,
            Flags = flags,
            HeaderOffset = offset,
            DataOffset = offset + LocalHeaderSize + tail.Length,
            PackedLength = behind ? null : fullPacked,
            Length = behind ? null : fullLength,
            Crc32 = behind ? null : fields.U32(14),
        };
    }

    private static long? FindData(MemberWalk walk, long offset)
    {
        Span<byte> header = stackalloc byte[LocalHeaderSize];
        return offset >= 0 && offset < walk.Container.Length && walk.Container.Read(offset, header) == LocalHeaderSize && header.StartsWith("PK\x03\x04"u8)
            ? offset + LocalHeaderSize + new HeaderBytes(header).U16(26) + new HeaderBytes(header).U16(28)
            : null;
    }

    /// <summary>The extra field for numbers that need 64 bits: only those are in it whose own field is full of ones, in a fixed order.</summary>
    private ref struct Zip64
    {
        private const int Tag = 1;

        private ReadOnlySpan<byte> _numbers;

        public Zip64(ReadOnlySpan<byte> extra)
        {
            while (extra.Length >= 4)
            {
                HeaderBytes field = new(extra);
                int size = Math.Min(field.U16(2), extra.Length - 4);
                if (field.U16(0) == Tag)
                {
                    _numbers = extra.Slice(4, size);
                    return;
                }

                extra = extra[(4 + size)..];
            }
        }

        public long? Next()
        {
            if (_numbers.Length < 8)
            {
                return null;
            }

            ulong number = new HeaderBytes(_numbers).U64(0);
            _numbers = _numbers[8..];
            return number > long.MaxValue ? null : (long)number;
        }
    }
}
