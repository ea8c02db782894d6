using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>The handle that libclamav gets for a content whose bytes it asks for page by page. Linux only; one serves all scans.</summary>
/// <remarks>
/// libclamav takes every handle for a file descriptor: before a page is read again, and before many that are read first, it asks the operating system when the
/// "file" was written, and drops the page if that fails or is not what it noted for maps of this kind, which is 0. The parser then gives up and the scan goes on to
/// "clean". So the handle is a real descriptor, of an empty file in memory, written at 0. What a scan reads is found by its thread. Measured with 1.4.6: the same
/// bytes are scanned as from a file.
/// </remarks>
internal static partial class PageDescriptor
{
    private const uint CloseOnExec = 1;

    private static readonly Lazy<SafeFileHandle?> Shared = new(Open);

    /// <summary>Gets the descriptor's number; <see langword="null"/> where there cannot be one.</summary>
    public static nint? Number => Shared.Value?.DangerousGetHandle();

    private static SafeFileHandle? Open() => OperatingSystem.IsLinux() ? OpenEmptyFile() : null;

    [SupportedOSPlatform("linux")]
    private static SafeFileHandle? OpenEmptyFile()
    {
        int descriptor = CreateInMemory("libclamav-pages", CloseOnExec);
        if (descriptor < 0)
        {
            return null;
        }

        SafeFileHandle file = new(descriptor, ownsHandle: true);
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        return file;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateInMemory(string name, uint flags);
}
