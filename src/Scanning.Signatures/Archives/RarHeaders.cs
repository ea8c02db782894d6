namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Looks up in the headers of a RAR 5 archive how large dictionaries are: up to 4 GiB, while RAR 4 has 4 MiB at most.</summary>
/// <remarks>Source: Alexander Roshal, "RAR 5.0 archive format".</remarks>
internal static class RarHeaders
{
    private const int SignatureSize = 8;
    private const int MaxHeader = 1 << 16;
    private const int FileHeader = 2;
    private const int ServiceHeader = 3;
    private const int EncryptionHeader = 4;
    private const int EndHeader = 5;

    /// <summary>The format's own limit.</summary>
    private const ulong MaxStatedHeader = 2 << 20;
    private const long SmallestDictionary = 128L << 10;

    /// <exception cref="ArchiveFormatException">A header is larger than the format allows.</exception>
    /// <exception cref="ArchiveLimitException">A dictionary is larger than the limits allow.</exception>
    public static void Check(MemberWalk walk, long start)
    {
        byte[] buffer = new byte[MaxHeader];
        if (walk.Container.Read(start, buffer.AsSpan(0, SignatureSize)) < SignatureSize || buffer[6] != 1)
        {
            return;
        }

        for (long at = start + SignatureSize; at < walk.Container.Length;)
        {
            // A checksum of four bytes, and then the length of what follows it.
            int count = walk.Container.Read(at, buffer);
            VariableNumbers numbers = new(buffer.AsSpan(0, count), 4);
            ulong headerSize = numbers.Next();
            int headerStart = numbers.Position;
            ulong type = numbers.Next();
            ulong flags = numbers.Next();
            _ = (flags & 1) != 0 ? numbers.Next() : 0;
            ulong dataSize = (flags & 2) != 0 ? numbers.Next() : 0;
            if (type is FileHeader or ServiceHeader)
            {
                CheckFile(walk, numbers);
            }

            ulong next = unchecked((ulong)headerStart + headerSize + dataSize);
            if (headerSize > MaxStatedHeader)
            {
                throw new ArchiveFormatException($"RarHeader.Size at 0x{at + 4:X}: {headerSize} bytes");
            }

            if (numbers.IsBroken || type is EncryptionHeader or EndHeader || headerSize == 0 || next > (ulong)(walk.Container.Length - at))
            {
                // The unpacker says what it makes of it.
                return;
            }

            at += (long)next;
        }
    }

    private static void CheckFile(MemberWalk walk, VariableNumbers numbers)
    {
        ulong fileFlags = numbers.Next();
        numbers.Next();
        numbers.Next();
        numbers.Skip(((fileFlags & 2) != 0 ? 4 : 0) + ((fileFlags & 4) != 0 ? 4 : 0));
        ulong compression = numbers.Next();
        bool isRar7 = (compression & 0x3F) == 1;
        long size = SmallestDictionary << (int)((compression >> 10) & (isRar7 ? 0x1Fu : 0xFu));
        if (size > walk.Limits.MaxDictionary)
        {
            throw new ArchiveLimitException($"RAR: needs a dictionary of {size:N0} bytes, {walk.Limits.MaxDictionary:N0} are allowed");
        }
    }

    /// <summary>Numbers of 7 bits a byte; the highest bit says that more follow.</summary>
    private ref struct VariableNumbers(ReadOnlySpan<byte> bytes, int position)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        public int Position { get; private set; } = position;

        public bool IsBroken { get; private set; }

        public ulong Next()
        {
            ulong number = 0;
            for (int shift = 0; shift < 64 && Position < _bytes.Length; shift += 7)
            {
                byte next = _bytes[Position++];
                number |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                {
                    return number;
                }
            }

            IsBroken = true;
            return 0;
        }

        public void Skip(int count) => Position = Math.Min(_bytes.Length, Position + count);
    }
}
