namespace Symantec.Virtualization.DiskImages.FileSystems;

/// <summary>File systems and volume managers that are known by sight and not read, so that a report can name what was not scanned.</summary>
internal static class ForeignFileSystems
{
    private static readonly (int Offset, byte[] Magic, string Name)[] Signs =
    [
        (0x3, [.. "EXFAT   "u8], "exFAT"),
        (0x3, [.. "ReFS\0\0\0\0"u8], "ReFS"),
        (0x3, [.. "-FVE-FS-"u8], "BitLocker"),
        (0x0, [.. "LUKS"u8, 0xBA, 0xBE], "LUKS"),
        (0x0, [.. "XFSB"u8], "XFS"),
        (0x0, [.. "hsqs"u8], "SquashFS"),
        (0x20, [.. "NXSB"u8], "APFS"),
        (0x200, [.. "LABELONE"u8], "Linux LVM"),
        (0x400, [.. "H+"u8], "HFS+"),
        (0x400, [.. "HX"u8], "HFS+"),
        (0x438, [0x53, 0xEF], "ext2, ext3 or ext4"),
        (0xFF6, [.. "SWAPSPACE2"u8], "Linux swap"),
        (0x8001, [.. "CD001"u8], "ISO 9660"),
        (0x10040, [.. "_BHRfS_M"u8], "Btrfs"),
    ];

    /// <summary>Names the file system, or returns <see langword="null"/>.</summary>
    public static string? Recognize(ByteSource volume)
    {
        Span<byte> found = stackalloc byte[16];
        foreach ((int offset, byte[] magic, string name) in Signs)
        {
            Span<byte> bytes = found[..magic.Length];
            if (volume.Read(offset, bytes) == magic.Length && bytes.SequenceEqual(magic))
            {
                return name;
            }
        }

        return null;
    }
}
