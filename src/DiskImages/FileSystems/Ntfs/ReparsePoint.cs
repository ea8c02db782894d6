namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>What stands in for a file's content or location, by the owner of its tag.</summary>
/// <remarks>Source: [MS-FSCC] 2.1.2.1, "Reparse Tags".</remarks>
internal static class ReparsePoint
{
    private const uint Wof = 0x8000_0017;
    private const uint Dedup = 0x8000_0013;
    private const uint CloudMask = 0xFFFF_0FFF;
    private const uint Cloud = 0x9000_001A;

    /// <summary>The attributes of a file whose content some service would fetch when it is opened.</summary>
    private const FileAttributes NotPresent = FileAttributes.Offline | (FileAttributes)0x0040_0000;

    public static uint ParseTag(ReadOnlySpan<byte> value, long origin) => new FieldView(value, nameof(ReparsePoint), origin).U32(0, "Tag");

    /// <summary>Says why a file's own stream is not its content, or returns <see langword="null"/> where it is.</summary>
    public static string? ReplacesContent(uint tag, FileAttributes attributes) => tag switch
    {
        Wof => "the file is compressed by the Windows overlay filter (CompactOS), which is not read yet",
        Dedup => "the file's content is in the chunk store of Data Deduplication, which is not read",
        _ when (tag & CloudMask) == Cloud && (attributes & NotPresent) != 0 => "the file is a placeholder; its content is in a cloud and not in the image",
        _ => null,
    };
}
