using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>What the kernel knows of an open file. Linux.</summary>
/// <remarks>Source: statx(2), whose layout is the same on every processor.</remarks>
internal readonly record struct FileStatus
{
    private const int Size = 256;

    /// <summary><c>STATX_BASIC_STATS</c>.</summary>
    private const uint Basics = 0x7FF;

    private const int KindBits = 0xF000;
    private const int RegularKind = 0x8000;

    /// <summary>Gets the number that names the file on its file system.</summary>
    public required ulong Inode { get; init; }

    /// <summary>Gets how many names it has; 0 if it is deleted and only held open.</summary>
    public required uint Links { get; init; }

    /// <summary>Gets a value indicating whether it is a regular file.</summary>
    public required bool IsRegular { get; init; }

    /// <summary>Gets its size in bytes.</summary>
    public required ulong Length { get; init; }

    /// <summary>Gets when the content changed: seconds and nanoseconds.</summary>
    public required (long Seconds, uint Nanoseconds) Modified { get; init; }

    /// <summary>Gets when anything of it changed: seconds and nanoseconds.</summary>
    public required (long Seconds, uint Nanoseconds) Changed { get; init; }

    private static class Field
    {
        public const int Links = 16;
        public const int Mode = 28;
        public const int Inode = 32;
        public const int Length = 40;
        public const int Changed = 96;
        public const int Modified = 112;
    }

    /// <summary>Asks the kernel about an open file.</summary>
    /// <returns>What it says; <see langword="null"/> if it says nothing.</returns>
    public static unsafe FileStatus? Of(SafeFileHandle file)
    {
        byte* bytes = stackalloc byte[Size];
        return Native.Statx(file, "", Native.EmptyPath, Basics, bytes) == 0 ? Parse(bytes) : null;
    }

    /// <summary>Asks the kernel about what a path names; a symbolic link is not followed.</summary>
    /// <returns>What it says; <see langword="null"/> if it says nothing.</returns>
    public static unsafe FileStatus? At(string path)
    {
        byte* bytes = stackalloc byte[Size];
        return Native.Statx(Native.CurrentFolder, path, Native.NoFollow, Basics, bytes) == 0 ? Parse(bytes) : null;
    }

    private static unsafe FileStatus Parse(byte* bytes)
    {
        ReadOnlySpan<byte> status = new(bytes, Size);
        return new FileStatus
        {
            Inode = BitConverter.ToUInt64(status[Field.Inode..]),
            Links = BitConverter.ToUInt32(status[Field.Links..]),
            IsRegular = (BitConverter.ToUInt16(status[Field.Mode..]) & KindBits) == RegularKind,
            Length = BitConverter.ToUInt64(status[Field.Length..]),
            Modified = Time(status[Field.Modified..]),
            Changed = Time(status[Field.Changed..]),
        };
    }

    private static (long Seconds, uint Nanoseconds) Time(ReadOnlySpan<byte> time) => (BitConverter.ToInt64(time), BitConverter.ToUInt32(time[8..]));
}
