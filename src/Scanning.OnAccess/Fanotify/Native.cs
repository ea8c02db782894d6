using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>The calls of the C library that .NET has none for. Linux; constants are those of 64-bit x86 and Arm, which agree.</summary>
/// <remarks>Source: fanotify_init(2), fanotify_mark(2), open_by_handle_at(2), poll(2), eventfd(2), statx(2).</remarks>
internal static unsafe partial class Native
{
    public const int ReadOnly = 0;
    public const int NonBlocking = 0x800;
    public const int NoAccessTime = 0x4_0000;
    public const int CloseOnExec = 0x8_0000;
    public const int PathOnly = 0x20_0000;

    /// <summary><c>AT_FDCWD</c>.</summary>
    public const int CurrentFolder = -100;

    /// <summary><c>AT_EMPTY_PATH</c>: the file is the descriptor itself.</summary>
    public const int EmptyPath = 0x1000;

    /// <summary><c>AT_SYMLINK_NOFOLLOW</c>.</summary>
    public const int NoFollow = 0x100;

    /// <summary><c>POLLIN</c>.</summary>
    public const short Readable = 1;

    [LibraryImport("libc", EntryPoint = "fanotify_init", SetLastError = true)]
    public static partial int FanotifyInit(uint flags, uint eventFlags);

    [LibraryImport("libc", EntryPoint = "fanotify_mark", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FanotifyMark(SafeFileHandle group, uint flags, ulong mask, int folder, string? path);

    [LibraryImport("libc", EntryPoint = "fanotify_mark", SetLastError = true)]
    public static partial int FanotifyMark(SafeFileHandle group, uint flags, ulong mask, SafeFileHandle file, nint noPath);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "name_to_handle_at", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int NameToHandleAt(SafeFileHandle folder, string path, byte* handle, int* mountId, int flags);

    [LibraryImport("libc", EntryPoint = "open_by_handle_at", SetLastError = true)]
    public static partial int OpenByHandleAt(SafeFileHandle mount, byte* handle, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(SafeFileHandle folder, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int folder, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeFileHandle file, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeFileHandle file, void* buffer, nuint count);

    /// <summary>Tells what the operating system says of an error number.</summary>
    public static IOException Failed(string call, int error) => new($"{call} failed: {Marshal.GetPInvokeErrorMessage(error)} (error {error})");

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Returned;
    }

    /// <summary>The error numbers that are told apart.</summary>
    public static class Error
    {
        public const int NotPermitted = 1;
        public const int NoEntry = 2;
        public const int Interrupted = 4;
        public const int BadDescriptor = 9;
        public const int Again = 11;
        public const int BadAddress = 14;
        public const int CrossDevice = 18;
        public const int NoDevice = 19;
        public const int Invalid = 22;
        public const int NoSpace = 28;
        public const int TooManyFiles = 24;
        public const int NotImplemented = 38;
        public const int Overflow = 75;
        public const int NotSupported = 95;
    }
}
