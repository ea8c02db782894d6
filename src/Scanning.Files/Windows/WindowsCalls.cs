using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>The calls of Windows that .NET does not have.</summary>
/// <remarks>Sources: Microsoft Learn, <c>GetFileInformationByHandleEx</c>, <c>FSCTL_READ_FILE_USN_DATA</c>, <c>FSCTL_QUERY_USN_JOURNAL</c>, <c>FindFirstStreamW</c>.</remarks>
internal static unsafe partial class WindowsCalls
{
    public const int BasicInfo = 0;
    public const int StandardInfo = 1;
    public const int IdInfo = 18;
    public const uint ReadFileUsnData = 0x000900eb;
    public const uint QueryUsnJournal = 0x000900f4;
    public const uint NamedStreams = 0x00040000;
    public const uint ReadAttributes = 0x80;
    public const uint ShareAll = 7;
    public const uint OpenExisting = 3;
    public const uint BackupSemantics = 0x02000000;
    public const nint InvalidHandle = -1;

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    public static partial SafeFileHandle CreateFile(string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetFileInformationByHandleEx(SafeFileHandle file, int kind, byte* buffer, uint size);

    [LibraryImport("kernel32", EntryPoint = "GetVolumeInformationByHandleW", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetVolumeInformationByHandle(SafeFileHandle file, char* name, uint nameSize, uint* serial, uint* maxComponent, uint* flags, char* kind, uint kindSize);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool DeviceIoControl(SafeFileHandle device, uint code, byte* input, uint inputSize, byte* output, uint outputSize, uint* returned, nint overlapped);

    [LibraryImport("kernel32", EntryPoint = "FindFirstStreamW", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    public static partial nint FindFirstStream(string path, int level, StreamData* data, uint flags);

    [LibraryImport("kernel32", EntryPoint = "FindNextStreamW", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool FindNextStream(nint search, StreamData* data);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool FindClose(nint search);

    /// <summary><c>WIN32_FIND_STREAM_DATA</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct StreamData
    {
        public const int MaxName = 296;

        public long Size;
        public fixed char Name[MaxName];
    }
}
