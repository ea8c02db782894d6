using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>A file of a running Linux.</summary>
internal sealed unsafe class LinuxFile : LiveFile, IFileAttributes
{
    private const int BlockSize = 512;
    private const int MaxName = 255;

    /// <summary>So long ago, what was told still counts as told now.</summary>
    private const long MomentMilliseconds = 1000;

    private readonly byte[] _path;
    private readonly LinuxVolumes _volumes;
    private readonly Lock _openLock = new();
    private FileStatus _status;
    private long? _listedAt;
    private string? _location;
    private SafeFileHandle? _handle;
    private bool _isForeign;
    private bool _disposed;

    /// <param name="path">The path, with a zero at its end.</param>
    /// <param name="status">What was told of it a moment ago.</param>
    /// <param name="volumes">The names of volumes; that of the file is known to it.</param>
    /// <param name="listedAt">When that was told, by <see cref="Environment.TickCount64"/>.</param>
    public LinuxFile(byte[] path, in Statx status, LinuxVolumes volumes, long listedAt)
    {
        _path = path;
        _status = new FileStatus(status);
        _volumes = volumes;
        _listedAt = listedAt;
    }

    /// <summary>Gets the path.</summary>
    /// <remarks>Bytes that are no UTF-8 are shown as replacement characters; the file is opened by its bytes.</remarks>
    public override string Location => _location ??= Encoding.UTF8.GetString(_path.AsSpan(..^1));

    public override long Length => ToLength(_status.Size);

    public override long StoredLength => Math.Min(Length, ToLength(Math.Min(_status.Blocks, long.MaxValue / BlockSize) * BlockSize));

    public override int LinkCount => (int)Math.Min(_status.Links, int.MaxValue);

    /// <remarks>The first answer is the one that the listing got with the file's name, if that was a moment ago.</remarks>
    public override FileIdentity? Identity
    {
        get
        {
            long? listedAt = _listedAt;
            _listedAt = null;
            if (listedAt is not { } then || Environment.TickCount64 - then > MomentMilliseconds)
            {
                Ask();
            }

            return IdentityOf(_status);
        }
    }

    public override IFileAttributes? Attributes => this;

    public override SafeFileHandle? FileHandle => Handle();

    public static LinuxFile Find(string path, LinuxVolumes volumes)
    {
        byte[] bytes = LinuxListing.ToBytes(path);
        Statx status = LinuxListing.StatusOf(bytes, path);
        if (!status.IsFile)
        {
            throw new IOException($"{PrintableText.Escape(path)} is no regular file");
        }

        long now = Environment.TickCount64;
        LinuxFile file = new(bytes, status, volumes, now);
        file.Handle();
        file._listedAt = now;
        return file;
    }

    /// <summary>Takes a file that somebody else opened and will close.</summary>
    public static LinuxFile Take(string path, SafeFileHandle handle, LinuxVolumes volumes)
    {
        using Descriptor descriptor = new(handle);
        Statx status = LinuxListing.StatusOf(descriptor.Value);
        if (!status.IsFile)
        {
            throw new IOException($"{PrintableText.Escape(path)} is no regular file");
        }

        volumes.LookAt(status, handle);
        return new LinuxFile(LinuxListing.ToBytes(path), status, volumes, Environment.TickCount64) { _handle = handle, _isForeign = true };
    }

    public int Read(string name, Span<byte> buffer)
    {
        using Descriptor file = new(Handle());
        fixed (byte* n = AttributeName(name))
        fixed (byte* b = buffer)
        {
            nint length = LinuxCalls.GetAttribute(file.Value, n, b, (nuint)buffer.Length);
            return length >= 0 ? (int)length : Marshal.GetLastPInvokeError() switch
            {
                LinuxCalls.NoData or LinuxCalls.NotSupported or LinuxCalls.OutOfRange => -1,
                int error => throw LinuxErrors.Of(error, $"the attribute {name} cannot be read"),
            };
        }
    }

    public void Write(string name, ReadOnlySpan<byte> value)
    {
        using Descriptor file = new(Handle());
        fixed (byte* n = AttributeName(name))
        fixed (byte* v = value)
        {
            if (LinuxCalls.SetAttribute(file.Value, n, v, (nuint)value.Length, flags: 0) != 0)
            {
                int error = Marshal.GetLastPInvokeError();
                throw error == LinuxCalls.NotSupported
                    ? new NotSupportedException("the file system keeps no extended attributes of users")
                    : LinuxErrors.Of(error, $"the attribute {name} cannot be written");
            }
        }
    }

    public bool Remove(string name)
    {
        using Descriptor file = new(Handle());
        fixed (byte* n = AttributeName(name))
        {
            return LinuxCalls.RemoveAttribute(file.Value, n) == 0 || Marshal.GetLastPInvokeError() switch
            {
                LinuxCalls.NoData or LinuxCalls.NotSupported => false,
                int error => throw LinuxErrors.Of(error, $"the attribute {name} cannot be removed"),
            };
        }
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

    protected override ContentRun RunAtCore(long offset)
    {
        if (StoredLength >= Length)
        {
            return base.RunAtCore(offset);
        }

        using Descriptor file = new(Handle());
        long data = LinuxCalls.Seek(file.Value, offset, LinuxCalls.SeekData);
        if (data < 0)
        {
            // Behind the last data there is only a hole; a file system that cannot tell has none.
            return Marshal.GetLastPInvokeError() == LinuxCalls.NoSuchDevice ? new ContentRun(IsStored: false, Length - offset) : base.RunAtCore(offset);
        }

        if (data > offset)
        {
            return new ContentRun(IsStored: false, data - offset);
        }

        long hole = LinuxCalls.Seek(file.Value, offset, LinuxCalls.SeekHole);
        return hole > offset ? new ContentRun(IsStored: true, hole - offset) : base.RunAtCore(offset);
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

    private SafeFileHandle Handle()
    {
        lock (_openLock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_handle is not null)
            {
                return _handle;
            }

            int file;
            _listedAt = null;
            fixed (byte* path = _path)
            {
                file = LinuxCalls.OpenFile(path);
            }

            if (file < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                throw error == LinuxCalls.TooManyLinks ? new IOException("a link took its place") : LinuxErrors.Of(error, "it cannot be opened");
            }

            SafeFileHandle handle = new(file, ownsHandle: true);
            Statx status = LinuxListing.StatusOf(file);
            if (!status.IsFile)
            {
                handle.Dispose();
                throw new IOException("it is no regular file any more");
            }

            // From here on the file is what was opened, whatever its name leads to.
            _status = new FileStatus(status);
            _volumes.LookAt(status, handle);
            return _handle = handle;
        }
    }

    private void Ask()
    {
        lock (_openLock)
        {
            if (_handle is { } handle)
            {
                using Descriptor file = new(handle);
                _status = new FileStatus(LinuxListing.StatusOf(file.Value));
            }
            else
            {
                Statx status = LinuxListing.StatusOf(_path, Location);
                _status = status.IsFile ? new FileStatus(status) : throw new IOException("it is no regular file any more");
            }
        }
    }

    private FileIdentity IdentityOf(in FileStatus status)
    {
        LinuxVolume volume = _volumes.Of(status.Device);
        return new FileIdentity
        {
            Volume = volume.Name,
            FileId = status.Inode,
            Size = ToLength(status.Size),
            Created = status.Created,
            Modified = status.Modified,
            Changed = status.Changed,
            IsChangedGuarded = volume.GuardsChangeTime,
        };
    }

    private static long ToLength(ulong size) => (long)Math.Min(size, long.MaxValue);

    private static byte[] AttributeName(string name)
    {
        byte[] bytes = LinuxListing.ToBytes($"user.{name}");
        return bytes.Length <= MaxName + 1 ? bytes : throw new ArgumentException($"The name of an attribute has at most {MaxName} bytes.", nameof(name));
    }

    /// <summary>What is kept of a status: a listing makes very many.</summary>
    private readonly struct FileStatus(in Statx status)
    {
        public readonly ulong Device = status.Device;
        public readonly ulong Inode = status.Inode;
        public readonly ulong Size = status.Size;
        public readonly ulong Blocks = status.Blocks;
        public readonly uint Links = status.Links;
        private readonly Statx.Time _created = status.BirthTime;
        private readonly Statx.Time _modified = status.ModificationTime;
        private readonly Statx.Time _changed = status.ChangeTime;
        private readonly bool _hasCreated = (status.Mask & Statx.Born) != 0;

        public DateTime? Created => _hasCreated ? _created.ToDateTime() : null;

        public DateTime? Modified => _modified.ToDateTime();

        public DateTime? Changed => _changed.ToDateTime();
    }
}
