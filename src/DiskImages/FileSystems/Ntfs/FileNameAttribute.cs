namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>A name of a file and the folder that holds it: one for each hard link, and a second, short one where Windows made it.</summary>
/// <param name="Parent">The folder.</param>
/// <param name="Name">The name; hostile.</param>
/// <param name="IsShort">Whether this is only the 8.3 twin of another name.</param>
internal readonly record struct FileNameAttribute(FileReference Parent, string Name, bool IsShort)
{
    private const byte DosNamespace = 2;

    private static class At
    {
        public const int ParentDirectory = 0x00;
        public const int FileNameLength = 0x40;
        public const int Namespace = 0x41;
        public const int FileName = 0x42;
    }

    public static FileNameAttribute Parse(ReadOnlySpan<byte> value, long origin)
    {
        FieldView view = new(value, "FileName", origin);
        int length = view.U8(At.FileNameLength);
        return new FileNameAttribute(
            new FileReference(view.U64(At.ParentDirectory)),
            NtfsText.Read(view.Bytes(At.FileName, length * sizeof(char))),
            view.U8(At.Namespace) == DosNamespace);
    }
}
