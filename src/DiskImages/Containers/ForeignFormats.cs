namespace Symantec.Virtualization.DiskImages.Containers;

/// <summary>Formats that are known by sight and not read: naming them is kinder than calling their bytes a disk without partitions.</summary>
internal static class ForeignFormats
{
    private const int ProbeSize = 512;

    private static readonly (int Offset, byte[] Magic, string Name)[] Signs =
    [
        (0, [.. "vhdxfile"u8], "VHDX"),
        (0, [.. "conectix"u8], "VHD"),
        (0, [.. "QFI"u8, 0xFB], "QCOW2"),
        (0x40, [0x7F, 0x10, 0xDA, 0xBE], "VDI"),
        (0, [.. "EVF\x09"u8], "EWF (EnCase)"),
        (0, [.. "WithoutFreeSpace"u8], "Parallels HDD"),
        (0, [.. "WithouFreSpacExt"u8], "Parallels HDD"),
        (0, [.. "MSWIM\0"u8], "WIM"),
        (0, [0x1F, 0x8B], "gzip"),
        (0, [0xFD, .. "7zXZ"u8], "xz"),
        (0, [.. "PK\x03\x04"u8], "ZIP"),
    ];

    /// <summary>Names the foreign format of a file, or returns <see langword="null"/>.</summary>
    public static string? Recognize(ByteSource file)
    {
        Span<byte> beginning = stackalloc byte[ProbeSize];
        beginning = beginning[..file.Read(0, beginning)];
        foreach ((int offset, byte[] magic, string name) in Signs)
        {
            if (beginning.Length > offset && beginning[offset..].StartsWith(magic))
            {
                return name;
            }
        }

        // A fixed VHD is a raw disk with a footer, and reads as one.
        return null;
    }
}
