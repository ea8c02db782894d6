using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>The content of something that somebody waits to open and that is no regular file, read by the descriptor that the kernel handed over.</summary>
/// <param name="path">Where it is.</param>
/// <param name="file">The open file; it stays the request's.</param>
internal sealed class OpenedFileContent(string path, SafeFileHandle file) : ScanContent
{
    private long? _length;

    /// <inheritdoc/>
    public override string Location => path;

    /// <inheritdoc/>
    /// <remarks>As it was when first asked for: a file that others write to meanwhile is scanned up to there.</remarks>
    public override long Length => _length ??= RandomAccess.GetLength(file);

    /// <inheritdoc/>
    public override SafeFileHandle? FileHandle => file;

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = RandomAccess.Read(file, buffer, offset);
            if (count == 0)
            {
                throw new IOException($"it became shorter than {offset + buffer.Length:N0} bytes while it was read");
            }

            buffer = buffer[count..];
            offset += count;
        }
    }
}
