using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>A file of a running Windows, or one of its named streams.</summary>
internal sealed unsafe class WindowsFile : LiveFile, IFileAttributes
{
    /// <summary>The content lies on another machine and would be fetched: FILE_ATTRIBUTE_OFFLINE, RECALL_ON_OPEN, RECALL_ON_DATA_ACCESS.</summary>
    private const FileAttributes Elsewhere = FileAttributes.Offline | (FileAttributes)0x00040000 | (FileAttributes)0x00400000;

    private readonly string _path;
    private readonly WindowsVolumes _volumes;
    private readonly WindowsFile? _owner;
    private readonly Lock _openLock = new();
    private readonly long _listedLength;
    private readonly FileAttributes _attributes;
    private SafeFileHandle? _handle;
    private bool _isForeign;
    private bool _disposed;

    public WindowsFile(string path, WindowsVolumes volumes)
    {
        FileInfo info = new(path);
        if (!info.Exists)
        {
            throw Directory.Exists(path)
                ? new IOException($"{PrintableText.Escape(path)} is no regular file")
                : new FileNotFoundException($"{PrintableText.Escape(path)} is not there");
        }

        (_path, _volumes, _listedLength, _attributes) = (path, volumes, info.Length, info.Attributes);
    }

    public WindowsFile(string path, long length, FileAttributes attributes, WindowsVolumes volumes)
        => (_path, _listedLength, _attributes, _volumes) = (path, length, attributes, volumes);

    private WindowsFile(WindowsFile owner, string stream, long length)
        : this($"{owner._path}:{stream}", length, owner._attributes, owner._volumes) => _owner = owner;

    public override string Location => _path;

    public override long Length => _listedLength;

    public override int LinkCount => 1;

    /// <remarks>A file that is not open yet is opened for the question alone: nothing of it is read, and no time moves.</remarks>
    public override FileIdentity? Identity => _owner is null ? AskIdentity() : null;

    public override FileIdentity? OwnerIdentity => _owner is null ? AskIdentity() : _owner.AskIdentity();

    public override string? Unscannable => (_attributes & Elsewhere) != 0 ? "it is not stored on this machine" : null;

    public override IFileAttributes? Attributes => _owner is null ? this : null;

    public override SafeFileHandle? FileHandle => Handle();

    public override IReadOnlyList<ScanContent> Streams
    {
        get
        {
            if (_owner is not null)
            {
                return [];
            }

            List<ScanContent> streams = [];
            foreach ((string name, long length) in ListStreams())
            {
                streams.Add(new WindowsFile(this, name, length));
            }

            return streams;
        }
    }

    /// <summary>Takes a file that somebody else opened and will close.</summary>
    public static WindowsFile Take(string path, SafeFileHandle handle, WindowsVolumes volumes)
        => new(path, RandomAccess.GetLength(handle), FileAttributes.Normal, volumes) { _handle = handle, _isForeign = true };

    public int Read(string name, Span<byte> buffer)
    {
        try
        {
            using SafeFileHandle stream = File.OpenHandle(StreamPath(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return RandomAccess.GetLength(stream) <= buffer.Length ? RandomAccess.Read(stream, buffer, 0) : -1;
        }
        catch (FileNotFoundException)
        {
            return -1;
        }
    }

    public void Write(string name, ReadOnlySpan<byte> value)
    {
        // Where there are none, a file of that name may come into being beside this one.
        uint flags;
        if (!WindowsCalls.GetVolumeInformationByHandle(Handle(), null, 0, null, null, &flags, null, 0) || (flags & WindowsCalls.NamedStreams) == 0)
        {
            throw new NotSupportedException("the file system keeps no named streams");
        }

        // Nobody may write to the file meanwhile: what is said of it must stay true until it is said.
        using SafeFileHandle stream = File.OpenHandle(StreamPath(name), FileMode.Create, FileAccess.Write, FileShare.Read);
        RandomAccess.Write(stream, value, 0);
    }

    public bool Remove(string name)
    {
        string path = StreamPath(name);
        if (!File.Exists(path))
        {
            return false;
        }

        File.Delete(path);
        return true;
    }

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        SafeFileHandle handle = Handle();
        while (buffer.Length > 0)
        {
            int read = RandomAccess.Read(handle, buffer, offset);
            if (read == 0)
            {
                throw new IOException($"it became shorter than {offset + buffer.Length:N0} bytes while it was read");
            }

            offset += read;
            buffer = buffer[read..];
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_openLock)
            {
                _disposed = true;
                if (!_isForeign)
                {
                    _handle?.Dispose();
                }
            }
        }

        base.Dispose(disposing);
    }

    private FileIdentity AskIdentity()
    {
        lock (_openLock)
        {
            if (_handle is { IsClosed: false } open)
            {
                return WindowsStatus.IdentityOf(open, _volumes);
            }
        }

        using SafeFileHandle handle = WindowsCalls.CreateFile(
            _path, WindowsCalls.ReadAttributes, WindowsCalls.ShareAll, 0, WindowsCalls.OpenExisting, WindowsCalls.BackupSemantics, 0);
        return handle.IsInvalid
            ? throw new IOException($"it cannot be asked about: {Marshal.GetLastPInvokeErrorMessage()}")
            : WindowsStatus.IdentityOf(handle, _volumes);
    }

    private SafeFileHandle Handle()
    {
        lock (_openLock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _handle ??= File.OpenHandle(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
    }

    private List<(string Name, long Length)> ListStreams()
    {
        List<(string Name, long Length)> streams = [];
        WindowsCalls.StreamData data;
        nint search = WindowsCalls.FindFirstStream(_path, level: 0, &data, flags: 0);
        if (search == WindowsCalls.InvalidHandle)
        {
            // FAT and network drives have none.
            return streams;
        }

        try
        {
            do
            {
                // ":name:$DATA", and "::$DATA" for the content itself.
                string[] parts = new string(data.Name).Split(':');
                if (parts is ["", { Length: > 0 } name, "$DATA"])
                {
                    streams.Add((name, data.Size));
                }
            }
            while (WindowsCalls.FindNextStream(search, &data));
        }
        finally
        {
            WindowsCalls.FindClose(search);
        }

        return streams;
    }

    private string StreamPath(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name.IndexOfAny([':', '\\', '/']) < 0 ? $"{_path}:{name}" : throw new ArgumentException("The name of a stream holds no separators.", nameof(name));
    }
}
