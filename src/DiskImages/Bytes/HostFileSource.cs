using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.DiskImages;

/// <summary>A file of the host, opened for reading only.</summary>
public sealed class HostFileSource : ByteSource
{
    private readonly SafeFileHandle _handle;
    private readonly DateTime _lastWrite;

    /// <summary>Opens a file of the host.</summary>
    /// <param name="path">The file's path. Other processes may go on reading and writing the file; one that shrinks is a fault when read.</param>
    /// <exception cref="IOException">The file is not there or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The host forbids it.</exception>
    public HostFileSource(string path)
    {
        Path = path;
        _handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Length = RandomAccess.GetLength(_handle);
        _lastWrite = File.GetLastWriteTimeUtc(_handle);
    }

    /// <summary>Gets the path that the file was opened by.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public override long Length { get; }

    /// <summary>Gets a value indicating whether somebody has written to the file since it was opened, so that what was read may never have been there together.</summary>
    public bool HasChanged => RandomAccess.GetLength(_handle) != Length || File.GetLastWriteTimeUtc(_handle) != _lastWrite;

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int read = RandomAccess.Read(_handle, buffer, offset);
            if (read == 0)
            {
                throw new ImageFormatException(new ImageFault(
                    ImageFaultKind.Truncated, "File", "", offset, "the file became shorter while it was read")
                { File = System.IO.Path.GetFileName(Path) });
            }

            offset += read;
            buffer = buffer[read..];
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _handle.Dispose();
        }

        base.Dispose(disposing);
    }
}
