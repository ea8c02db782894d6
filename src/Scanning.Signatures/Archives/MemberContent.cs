using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A member of a container that lies in it as it is: nothing is copied.</summary>
internal sealed class WindowContent(ScanContent container, string name, long start, long length) : ScanContent
{
    public override string Location => MemberContent.Locate(container, name);

    public override long Length => length;

    public override ScanContent Container => container;

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        if (container.Read(start + offset, buffer) != buffer.Length)
        {
            throw new EndOfStreamException($"{Location} ends before its {length:N0} bytes");
        }
    }

    protected override ContentRun RunAtCore(long offset) => container.RunAt(start + offset);
}

/// <summary>A member of a container that was unpacked: into memory, or into a temporary file that is gone with it.</summary>
internal sealed class MemberContent(ScanContent container, string name) : ScanContent
{
    /// <summary>Longer members go into a file.</summary>
    public const int MaxInMemory = 4 << 20;

    private byte[] _memory = [];
    private SafeFileHandle? _file;
    private long _length;

    public override string Location => Locate(container, name);

    public override long Length => _length;

    public override ScanContent Container => container;

    public static string Locate(ScanContent container, string name) => $"{container.Location}!/{name}";

    /// <summary>Takes more bytes, before the content is read.</summary>
    /// <exception cref="IOException">The temporary file cannot be written.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_file is null && _length + bytes.Length <= MaxInMemory)
        {
            if (_length + bytes.Length > _memory.Length)
            {
                Grow((int)_length + bytes.Length);
            }

            bytes.CopyTo(_memory.AsSpan((int)_length));
        }
        else
        {
            _file ??= MoveToFile();
            RandomAccess.Write(_file, bytes, _length);
        }

        _length += bytes.Length;
    }

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        if (_file is null)
        {
            _memory.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
            return;
        }

        while (buffer.Length > 0)
        {
            int read = RandomAccess.Read(_file, buffer, offset);
            if (read == 0)
            {
                throw new EndOfStreamException($"the temporary file of {Location} was cut");
            }

            buffer = buffer[read..];
            offset += read;
        }
    }

    protected override void Dispose(bool disposing)
    {
        _file?.Dispose();
        ReleaseMemory();
        base.Dispose(disposing);
    }

    /// <summary>Takes a larger buffer. They are used again for the next member: new ones would cost as much as unpacking.</summary>
    private void Grow(int needed)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Clamp(_memory.Length * 4, needed, MaxInMemory));
        _memory.AsSpan(0, (int)_length).CopyTo(larger);
        ReleaseMemory();
        _memory = larger;
    }

    private void ReleaseMemory()
    {
        if (_memory.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_memory);
            _memory = [];
        }
    }

    private SafeFileHandle MoveToFile()
    {
        string path = Path.Combine(Path.GetTempPath(), $"symantec-virtualization-{Guid.NewGuid():N}");
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        RandomAccess.Write(file, _memory.AsSpan(0, (int)_length), 0);
        ReleaseMemory();
        return file;
    }
}
