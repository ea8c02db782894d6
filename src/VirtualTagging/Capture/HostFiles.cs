using System.Buffers;
using System.IO.Enumeration;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Reads small files of the kernel, under a root, up to a bound; says what is there and cannot be read.</summary>
internal sealed class HostFiles(string root, List<UnreadSource> unread)
{
    public const int MaxLength = 64 << 10;

    /// <summary>Directories of the kernel have some hundred entries at most.</summary>
    private const int MaxEntries = 4096;

    private static readonly EnumerationOptions EveryEntry = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    private readonly string _root = root.TrimEnd('/');

    public bool Exists(string path) => Path.Exists(_root + path);

    /// <summary>Reads a file's text, or <see langword="null"/> if it is not there or cannot be read.</summary>
    public string? Text(EvidenceSource source, string path, int length = MaxLength)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            int read = Bytes(source, path, buffer.AsSpan(0, length));
            return read < 0 ? null : Encoding.UTF8.GetString(buffer, 0, read);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads a file's beginning: as much as there is room for.</summary>
    /// <returns>How many bytes were read, or -1 if the file is not there or cannot be read.</returns>
    public int Bytes(EvidenceSource source, string path, Span<byte> buffer)
    {
        string full = _root + path;
        if (!File.Exists(full))
        {
            return -1;
        }

        try
        {
            // A file of the kernel has no length, and an offset that it may not know: it is read from its start.
            using SafeFileHandle handle = File.OpenHandle(full);
            int read = 0;
            for (int n; read < buffer.Length && (n = RandomAccess.Read(handle, buffer[read..], read)) > 0;)
            {
                read += n;
            }

            return read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            unread.Add(new(source, path, e is UnauthorizedAccessException ? "access denied" : e.Message.Replace(full, path, StringComparison.Ordinal)));
            return -1;
        }
    }

    /// <summary>Lists the names in a directory; none if it is not there or cannot be read.</summary>
    public IReadOnlyList<string> Names(EvidenceSource source, string path)
    {
        string full = _root + path;
        if (!Directory.Exists(full))
        {
            return [];
        }

        try
        {
            return [.. new FileSystemEnumerable<string>(full, static (ref entry) => entry.FileName.ToString(), EveryEntry).Take(MaxEntries)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unread.Add(new(source, path, e is UnauthorizedAccessException ? "access denied" : e.Message.Replace(full, path, StringComparison.Ordinal)));
            return [];
        }
    }

    /// <summary>Gets where a symbolic link leads, or <see langword="null"/> if it is none.</summary>
    public string? Link(string path)
    {
        try
        {
            return new FileInfo(_root + path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
