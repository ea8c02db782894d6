namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Tells disk images and archives without magic bytes, whose first sector must make sense as a whole.</summary>
internal static class DiskKinds
{
    private const int SectorSize = 512;

    /// <summary>Finds the type's name without its prefix; <see langword="null"/> if it is none of these.</summary>
    public static string? Find(ReadOnlySpan<byte> head, long length)
        => head.Length < SectorSize ? null
            : IsOldTar(head) ? "OLD_TAR"
            : head.StartsWith("ER"u8) && head[SectorSize..].StartsWith("PM\0\0"u8) ? "APM"
            : IsMasterBootRecord(head, length) ? "MBR"
            : null;

    /// <summary>Headers of tar from before POSIX have only a checksum, in octal digits, over all bytes with the checksum's own taken as spaces.</summary>
    private static bool IsOldTar(ReadOnlySpan<byte> head)
    {
        const int Checksum = 148;
        const int ChecksumSize = 8;
        int stated = 0;
        bool any = false;
        foreach (byte value in head.Slice(Checksum, ChecksumSize).TrimStart((byte)' '))
        {
            if (value is < (byte)'0' or > (byte)'7')
            {
                break;
            }

            stated = (stated * 8) + (value - '0');
            any = true;
        }

        int sum = ChecksumSize * ' ';
        for (int i = 0; i < SectorSize; i++)
        {
            sum += i is >= Checksum and < Checksum + ChecksumSize ? 0 : head[i];
        }

        return any && sum == stated;
    }

    private static bool IsMasterBootRecord(ReadOnlySpan<byte> head, long length)
    {
        const int Table = 446;
        if (head[510] != 0x55 || head[511] != 0xAA)
        {
            return false;
        }

        bool any = false;
        for (int at = Table; at < 510; at += 16)
        {
            if (head[at] is not 0 and not 0x80)
            {
                return false;
            }

            long start = BitConverter.ToUInt32(head[(at + 8)..]);
            long count = BitConverter.ToUInt32(head[(at + 12)..]);
            if (head[at + 4] != 0)
            {
                if (start == 0 || (start + count) * SectorSize > length)
                {
                    return false;
                }

                any = true;
            }
        }

        return any;
    }
}
