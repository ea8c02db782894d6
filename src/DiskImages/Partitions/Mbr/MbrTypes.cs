namespace Symantec.Virtualization.DiskImages.Partitions.Mbr;

/// <summary>The words for an MBR's type bytes. They are for people: what a partition holds is found out by reading it.</summary>
internal static class MbrTypes
{
    public static string Describe(byte type)
    {
        string words = type switch
        {
            0x01 => "FAT12",
            0x04 or 0x06 or 0x0E => "FAT16",
            0x07 => "NTFS or exFAT",
            0x0B or 0x0C => "FAT32",
            0x11 or 0x14 or 0x16 or 0x17 or 0x1B or 0x1C or 0x1E => "hidden Windows volume",
            0x27 => "Windows recovery",
            0x42 => "Windows dynamic disk",
            0x82 => "Linux swap",
            0x83 => "Linux",
            0x8E => "Linux LVM",
            0xA5 or 0xA6 or 0xA9 => "BSD",
            0xAF => "Apple HFS+",
            0xEF => "EFI system",
            0xFB => "VMware VMFS",
            _ => "type",
        };
        return $"{words} ({type:X2})";
    }
}
