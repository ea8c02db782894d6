using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>Finds files by the handles that events name them with.</summary>
/// <param name="mount">An open file of the mount by which paths are told.</param>
internal sealed unsafe class HandleResolver(SafeFileHandle mount) : IDisposable
{
    private const int LargestHandle = 128;
    private const int HandleHeaderSize = 8;

    /// <summary>Opens a folder whose mount paths are told by, and makes sure that this process may open files by handle.</summary>
    /// <exception cref="OnAccessException">It may not, or the file system has no handles.</exception>
    /// <exception cref="IOException">The folder cannot be opened.</exception>
    public static HandleResolver Open(string folder)
    {
        int descriptor = Native.Open(folder, Native.ReadOnly | Native.CloseOnExec);
        if (descriptor < 0)
        {
            throw Native.Failed($"open {folder}", Marshal.GetLastPInvokeError());
        }

        HandleResolver resolver = new(new SafeFileHandle(descriptor, ownsHandle: true));
        try
        {
            resolver.Probe(folder);
            return resolver;
        }
        catch
        {
            resolver.Dispose();
            throw;
        }
    }

    /// <summary>Gets the path of the folder that the resolver was opened with, as it is now.</summary>
    /// <returns>The path; <see langword="null"/> if it is gone.</returns>
    public string? CurrentRoot => FileStatus.Of(mount) is { Links: > 0 } ? PathOf(mount) : null;

    /// <summary>Finds a file by its handle, without opening it for anything.</summary>
    /// <param name="handle"><c>struct file_handle</c>.</param>
    /// <param name="file">The file; the caller closes it.</param>
    /// <returns><see langword="false"/> if it is deleted.</returns>
    /// <exception cref="IOException">It cannot be told.</exception>
    public bool TryOpen(ReadOnlySpan<byte> handle, out SafeFileHandle file)
    {
        fixed (byte* start = handle)
        {
            int descriptor = Native.OpenByHandleAt(mount, start, Native.PathOnly | Native.CloseOnExec);
            file = new SafeFileHandle(descriptor, ownsHandle: true);
            return descriptor >= 0 || (Marshal.GetLastPInvokeError() is var error && IsGone(error) ? false : throw Native.Failed("open_by_handle_at", error));
        }
    }

    /// <summary>Gets the path of an open file.</summary>
    /// <returns>The path; <see langword="null"/> if it has none that can be told, as one longer than 4095 bytes.</returns>
    public static string? PathOf(SafeFileHandle file)
    {
        try
        {
            return new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => mount.Dispose();

    // ESTALE is the kernel's word for a handle whose file is no more; ENOENT comes from some file systems.
    private static bool IsGone(int error) => error is 116 or Native.Error.NoEntry;

    private void Probe(string folder)
    {
        byte* handle = stackalloc byte[HandleHeaderSize + LargestHandle];
        *(uint*)handle = LargestHandle;
        int mountId;
        if (Native.NameToHandleAt(mount, "", handle, &mountId, Native.EmptyPath) != 0)
        {
            throw new OnAccessException($"The file system of {folder} has no file handles.", Native.Failed("name_to_handle_at", Marshal.GetLastPInvokeError()));
        }

        int descriptor = Native.OpenByHandleAt(mount, handle, Native.PathOnly | Native.CloseOnExec);
        if (descriptor < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new OnAccessException(
                error == Native.Error.NotPermitted
                    ? "Finding the path of a changed file needs the capability CAP_DAC_READ_SEARCH: run as root, in a container with --cap-add DAC_READ_SEARCH."
                    : $"The file system of {folder} cannot open files by their handles.",
                Native.Failed("open_by_handle_at", error));
        }

        new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
    }
}
