namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>A file's times and attributes.</summary>
/// <remarks>Source: [MS-FSCC] 2.4.7 for the values; NTFS 3.0 appended the journal's number.</remarks>
internal readonly record struct StandardInformation(FileTimes Times, FileAttributes Attributes, long Usn)
{
    private const int UsnEnd = 0x48;

    private static class At
    {
        public const int CreationTime = 0x00;
        public const int LastModificationTime = 0x08;
        public const int LastChangeTime = 0x10;
        public const int LastAccessTime = 0x18;
        public const int FileAttributes = 0x20;
        public const int Usn = 0x40;
    }

    public static StandardInformation Parse(ReadOnlySpan<byte> value, long origin)
    {
        FieldView view = new(value, nameof(StandardInformation), origin);
        FileTimes times = new(
            Time(view.U64(At.CreationTime)), Time(view.U64(At.LastModificationTime)), Time(view.U64(At.LastChangeTime)), Time(view.U64(At.LastAccessTime)));
        return new StandardInformation(
            times, unchecked((FileAttributes)view.U32(At.FileAttributes)), value.Length < UsnEnd ? 0 : unchecked((long)view.U64(At.Usn)));
    }

    /// <summary>Reads a count of 100 ns since 1601; <see langword="null"/> for what lies beyond the year 9999.</summary>
    private static DateTime? Time(ulong ticks)
        => ticks <= (ulong)(DateTime.MaxValue.Ticks - DateTime.FromFileTimeUtc(0).Ticks) ? DateTime.FromFileTimeUtc((long)ticks) : null;
}
