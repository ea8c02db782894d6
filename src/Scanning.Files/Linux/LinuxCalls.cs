using System.Runtime.InteropServices;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>The calls of Linux that .NET does not have. 64-bit x86 and Arm.</summary>
/// <remarks>Sources: open(2), statx(2), getdents64(2), statfs(2), lseek(2), xattr(7), ioctl(2); the numbers are those of the kernel's headers.</remarks>
internal static unsafe partial class LinuxCalls
{
    public const int CurrentDirectory = -100;
    public const int NoSuchFile = 2;
    public const int NotPermitted = 1;
    public const int NoSuchDevice = 6;
    public const int Invalid = 22;
    public const int TooManyLinks = 40;
    public const int NotADirectory = 20;
    public const int NoData = 61;
    public const int OutOfRange = 34;
    public const int NotSupported = 95;
    public const short PollUrgent = 2;
    public const int SeekData = 3;
    public const int SeekHole = 4;

    private const int CloseOnExec = 0x80000;
    private const int NoAccessTime = 0x40000;
    private const int NonBlocking = 0x800;

    // Arm's kernel numbers these two differently.
    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;
    private static readonly int Directory = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    /// <summary>Opens a file for reading: never a link, never waiting for the other end of a pipe, and without moving its time of access where that is allowed.</summary>
    public static int OpenFile(byte* path)
    {
        int file = Open(path, NoFollow | CloseOnExec | NonBlocking | NoAccessTime);

        // Only the owner and root may leave the time of access alone.
        return file < 0 && Marshal.GetLastPInvokeError() == NotPermitted ? Open(path, NoFollow | CloseOnExec | NonBlocking) : file;
    }

    /// <summary>Opens a folder to list it.</summary>
    public static int OpenFolder(byte* path) => Open(path, NoFollow | CloseOnExec | Directory);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    public static partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    public static partial int Statx(int folder, byte* path, int flags, uint mask, Statx* status);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    public static partial nint GetEntries(int folder, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    public static partial int StatFs(int file, byte* status);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(int file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(int file, nuint request, byte* argument);

    [LibraryImport("libc", EntryPoint = "fgetxattr", SetLastError = true)]
    public static partial nint GetAttribute(int file, byte* name, byte* value, nuint size);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true)]
    public static partial int SetAttribute(int file, byte* name, byte* value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "fremovexattr", SetLastError = true)]
    public static partial int RemoveAttribute(int file, byte* name);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        public int File;
        public short Events;
        public short Happened;
    }
}

/// <summary><c>struct statx</c>, as far as it is read.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct Statx
{
    /// <summary>Type, mode, number of links, inode, size, blocks and the times: <c>STATX_BASIC_STATS | STATX_BTIME</c>.</summary>
    public const uint Wanted = 0xfff;

    /// <summary><c>STATX_BTIME</c>.</summary>
    public const uint Born = 0x800;

    /// <summary><c>AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT</c>.</summary>
    public const int OfTheNameItself = 0x100 | 0x800;

    /// <summary><c>AT_EMPTY_PATH</c>.</summary>
    public const int OfTheDescriptor = 0x1000;

    [FieldOffset(0)]
    public uint Mask;
    [FieldOffset(16)]
    public uint Links;
    [FieldOffset(28)]
    public ushort Mode;
    [FieldOffset(32)]
    public ulong Inode;
    [FieldOffset(40)]
    public ulong Size;
    [FieldOffset(48)]
    public ulong Blocks;
    [FieldOffset(80)]
    public Time BirthTime;
    [FieldOffset(96)]
    public Time ChangeTime;
    [FieldOffset(112)]
    public Time ModificationTime;
    [FieldOffset(136)]
    public uint DeviceMajor;
    [FieldOffset(140)]
    public uint DeviceMinor;

    public readonly ulong Device => ((ulong)DeviceMajor << 32) | DeviceMinor;

    public readonly bool IsFile => (Mode & 0xf000) == 0x8000;

    public readonly bool IsFolder => (Mode & 0xf000) == 0x4000;

    /// <summary><c>struct statx_timestamp</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Time
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Reserved;

        /// <summary>Makes a time of it; <see langword="null"/> where it lies outside the years that there are.</summary>
        public readonly DateTime? ToDateTime()
        {
            const long MinSeconds = -62_135_596_800;
            const long MaxSeconds = 253_402_300_799;
            return Seconds is >= MinSeconds and <= MaxSeconds && Nanoseconds < 1_000_000_000
                ? DateTime.UnixEpoch.AddTicks((Seconds * TimeSpan.TicksPerSecond) + (Nanoseconds / TimeSpan.NanosecondsPerTick))
                : null;
        }
    }
}
