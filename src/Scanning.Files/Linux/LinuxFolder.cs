using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>What a part of a folder's names leads to.</summary>
internal sealed class FolderPart
{
    public List<LinuxFile> Files { get; } = [];

    public List<byte[]> Folders { get; } = [];

    public List<ScanProblem> Problems { get; } = [];

    /// <summary>Gets or sets a value indicating whether nothing comes behind it.</summary>
    public bool IsLast { get; set; }
}

/// <summary>A folder of a listing. One call lists many names and one more tells what each is. Its first part may be read by another thread before it is asked for.</summary>
/// <param name="path">The folder's path, with a zero at its end.</param>
/// <param name="excluded">What is left out.</param>
/// <param name="volumes">The names of volumes.</param>
/// <param name="volume">The device that it must lie on, if any.</param>
/// <param name="isRoot">Whether it is the one that was asked for: of that, a failure is no problem among others.</param>
internal sealed unsafe class LinuxFolder(byte[] path, Exclusions excluded, LinuxVolumes volumes, ulong? volume, bool isRoot) : IThreadPoolWorkItem, IDisposable
{
    /// <summary>Ahead, only so many bytes of names are taken: what waits is bounded, and few folders have more.</summary>
    private const int BufferAhead = 16 << 10;
    private const int BufferSize = 64 << 10;

    private const byte UnknownType = 0;
    private const byte FolderType = 4;
    private const byte FileType = 8;

    private SafeFileHandle? _handle;
    private bool _isOpened;
    private TaskCompletionSource<FolderPart>? _first;
    private int _isTaken;

    /// <summary><c>struct linux_dirent64</c>: where the length of a record, its type and its name are.</summary>
    private static class At
    {
        public const int Length = 16;
        public const int Type = 18;
        public const int Name = 19;
    }

    /// <summary>Gets a value indicating whether its first part is read ahead.</summary>
    public bool IsAhead => _first is not null;

    /// <summary>Has another thread read the first part, as soon as one is free.</summary>
    public void Start()
    {
        _first = new TaskCompletionSource<FolderPart>();
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Reads the next part.</summary>
    /// <exception cref="IOException">The root of the listing cannot be opened.</exception>
    public FolderPart Next()
    {
        if (_first is { } first)
        {
            _first = null;

            // Where no thread was free so far, this one does it.
            return TryTake() ? Read(BufferSize) : first.Task.GetAwaiter().GetResult();
        }

        return Read(BufferSize);
    }

    void IThreadPoolWorkItem.Execute()
    {
        TaskCompletionSource<FolderPart>? first = _first;
        if (first is null || !TryTake())
        {
            return;
        }

        try
        {
            first.SetResult(Read(BufferAhead));
        }
#pragma warning disable CA1031 // Whoever asks for the part is told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            first.SetException(e);
        }
    }

    public void Dispose()
    {
        if (_first is { } first && !TryTake())
        {
            // Somebody reads it just now.
            Task.WaitAny(first.Task);
        }

        _handle?.Dispose();
    }

    private bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;

    private FolderPart Read(int most)
    {
        FolderPart part = new();
        if (!_isOpened)
        {
            _isOpened = true;
            _handle = Open(part);
        }

        if (_handle is null)
        {
            part.IsLast = true;
            return part;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            using Descriptor descriptor = new(_handle);
            long now = Environment.TickCount64;
            int length = Fill(descriptor.Value, buffer.AsSpan(0, most), part);
            part.IsLast = length <= 0;
            for (int at = 0; at + At.Name < length;)
            {
                ReadOnlySpan<byte> record = buffer.AsSpan(at, length - at);
                int size = BinaryPrimitives.ReadUInt16LittleEndian(record[At.Length..]);
                if (size <= At.Name || size > record.Length)
                {
                    part.Problems.Add(new ScanProblem(Show(path), $"its listing holds a record of {size} bytes where {record.Length} are left"));
                    break;
                }

                at += size;
                Take(descriptor.Value, record[..size], now, part);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (part.IsLast)
        {
            // Not open longer than its names are taken.
            _handle.Dispose();
            _handle = null;
        }

        return part;
    }

    /// <summary>Opens the folder, if it is one that is to be listed.</summary>
    private SafeFileHandle? Open(FolderPart part)
    {
        int descriptor;
        fixed (byte* p = path)
        {
            descriptor = LinuxCalls.OpenFolder(p);
        }

        if (descriptor < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (isRoot)
            {
                throw LinuxErrors.Of(error, Show(path));
            }

            // One that vanished, or that a link took the place of, is not there any more.
            if (error is not (LinuxCalls.NoSuchFile or LinuxCalls.NotADirectory or LinuxCalls.TooManyLinks))
            {
                part.Problems.Add(new ScanProblem(Show(path), Marshal.GetPInvokeErrorMessage(error)));
            }

            return null;
        }

        SafeFileHandle handle = new(descriptor, ownsHandle: true);
        try
        {
            Statx status = LinuxListing.StatusOf(descriptor);
            if (volume is not null && status.Device != volume)
            {
                handle.Dispose();
                return null;
            }

            if (PseudoFileSystems.Contains(LinuxVolumes.KindOf(descriptor)))
            {
                handle.Dispose();
                return isRoot ? throw new IOException($"{Show(path)} only shows the kernel's state and holds no files") : null;
            }

            LookAt(status, handle);
            return handle;
        }
        catch (Exception e)
        {
            handle.Dispose();
            if (isRoot || e is not (IOException or UnauthorizedAccessException))
            {
                throw;
            }

            part.Problems.Add(new ScanProblem(Show(path), e.Message));
            return null;
        }
    }

    /// <summary>Of a volume that cannot be looked at only the number is known, and nothing on it is believed without its hash.</summary>
    private void LookAt(in Statx status, SafeFileHandle handle)
    {
        try
        {
            volumes.LookAt(status, handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its files are listed all the same.
        }
    }

    /// <summary>Fills the buffer with names; 0 at the folder's end, and where it cannot be read further.</summary>
    private int Fill(int descriptor, Span<byte> buffer, FolderPart part)
    {
        fixed (byte* b = buffer)
        {
            nint length = LinuxCalls.GetEntries(descriptor, b, (nuint)buffer.Length);
            if (length < 0)
            {
                part.Problems.Add(new ScanProblem(Show(path), Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())));
            }

            return (int)Math.Max(length, 0);
        }
    }

    /// <summary>Takes one name out of the listing.</summary>
    private void Take(int descriptor, ReadOnlySpan<byte> record, long now, FolderPart part)
    {
        byte type = record[At.Type];
        ReadOnlySpan<byte> name = record[At.Name..];
        int end = name.IndexOf((byte)0);
        name = end < 0 ? name : name[..end];
        if (type is not (FileType or FolderType or UnknownType) || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8) || name.Length == 0)
        {
            return;
        }

        byte[] full = Join(path, name);
        if (excluded.Any && excluded.Contains(Show(full)))
        {
            return;
        }

        if (type == FolderType)
        {
            part.Folders.Add(full);
            return;
        }

        Look(descriptor, full, name.Length, now, part);
    }

    /// <summary>Finds out what a name leads to, and makes the file of it if it is one.</summary>
    private void Look(int descriptor, byte[] full, int nameLength, long now, FolderPart part)
    {
        Statx status;
        fixed (byte* p = full)
        {
            if (LinuxCalls.Statx(descriptor, p + (full.Length - 1 - nameLength), Statx.OfTheNameItself, Statx.Wanted, &status) != 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error != LinuxCalls.NoSuchFile)
                {
                    part.Problems.Add(new ScanProblem(Show(full), Marshal.GetPInvokeErrorMessage(error)));
                }

                return;
            }
        }

        if (status.IsFolder)
        {
            part.Folders.Add(full);
        }
        else if (status.IsFile)
        {
            part.Files.Add(new LinuxFile(full, status, volumes, now));
        }
    }

    private static byte[] Join(byte[] folder, ReadOnlySpan<byte> name)
    {
        // The root ends with its slash, others do not.
        int prefix = folder.Length - 1;
        bool needsSlash = folder[prefix - 1] != (byte)'/';
        byte[] path = new byte[prefix + (needsSlash ? 1 : 0) + name.Length + 1];
        folder.AsSpan(0, prefix).CopyTo(path);
        if (needsSlash)
        {
            path[prefix++] = (byte)'/';
        }

        name.CopyTo(path.AsSpan(prefix));
        return path;
    }

    private static string Show(byte[] path) => Encoding.UTF8.GetString(path.AsSpan(..^1));
}
