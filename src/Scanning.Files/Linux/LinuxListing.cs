using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>Lists the files of a running Linux, one folder at a time, by the bytes of their names.</summary>
/// <remarks>One call lists many names and one more tells what each is; a folder is never open longer than its names are taken.</remarks>
internal sealed unsafe class LinuxListing(Exclusions excluded, bool crossVolumes, Action<ScanProblem> onProblem)
{
    private const int BufferSize = 64 << 10;

    /// <summary><c>struct linux_dirent64</c>: where the length of a record, its type and its name are.</summary>
    private static class At
    {
        public const int Length = 16;
        public const int Type = 18;
        public const int Name = 19;
    }

    private const byte UnknownType = 0;
    private const byte FolderType = 4;
    private const byte FileType = 8;

    private readonly LinuxVolumes _volumes = new();
    private readonly Stack<byte[]> _folders = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);

    /// <summary>Lists a folder with everything below it, or one file.</summary>
    public IEnumerable<LiveFile> Enumerate(string path, CancellationToken cancellationToken)
    {
        byte[] root = ToBytes(RealPath(path));
        Statx status = StatusOf(root, path);
        if (status.IsFile)
        {
            yield return LinuxFile.Find(Encoding.UTF8.GetString(root.AsSpan(..^1)), _volumes);
            yield break;
        }

        if (!status.IsFolder)
        {
            throw new IOException($"{PrintableText.Escape(path)} is neither a file nor a folder");
        }

        ulong volume = status.Device;
        _folders.Push(root);
        bool isRoot = true;
        while (_folders.TryPop(out byte[]? folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using SafeFileHandle? handle = Open(folder, crossVolumes ? null : volume, isRoot);
            isRoot = false;
            if (handle is null)
            {
                continue;
            }

            int length;
            while ((length = Fill(handle, folder)) > 0)
            {
                int at = 0;
                while (Next(handle, folder, ref at, length) is { } step)
                {
                    if (step.File is { } file)
                    {
                        yield return file;
                    }
                }

                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Makes the bytes of a path, with the zero at its end that the calls need.</summary>
    public static byte[] ToBytes(string path)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(path.Contains('\0', StringComparison.Ordinal), false, nameof(path));
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        return bytes;
    }

    /// <exception cref="IOException">It cannot be told.</exception>
    public static Statx StatusOf(byte[] path, string shown)
    {
        fixed (byte* p = path)
        {
            Statx status;
            return LinuxCalls.Statx(LinuxCalls.CurrentDirectory, p, Statx.OfTheNameItself, Statx.Wanted, &status) == 0
                ? status
                : throw LinuxErrors.Last(PrintableText.Escape(shown));
        }
    }

    /// <exception cref="IOException">It cannot be told.</exception>
    public static Statx StatusOf(int file)
    {
        byte empty = 0;
        Statx status;
        return LinuxCalls.Statx(file, &empty, Statx.OfTheDescriptor, Statx.Wanted, &status) == 0 ? status : throw LinuxErrors.Last("it cannot be asked about");
    }

    /// <summary>Follows the links of the path that somebody named, so that none is met below it.</summary>
    private static string RealPath(string path)
    {
        FileSystemInfo named = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        return named.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
    }

    /// <summary>Opens a folder, if it is one that is to be listed.</summary>
    /// <param name="folder">The folder's path.</param>
    /// <param name="volume">The device that it must lie on, if any.</param>
    /// <param name="isRoot">Whether it is the one that was asked for: of that, a failure is no problem among others.</param>
    private SafeFileHandle? Open(byte[] folder, ulong? volume, bool isRoot)
    {
        int descriptor;
        fixed (byte* path = folder)
        {
            descriptor = LinuxCalls.OpenFolder(path);
        }

        if (descriptor < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (isRoot)
            {
                throw LinuxErrors.Of(error, Show(folder));
            }

            // One that vanished, or that a link took the place of, is not there any more.
            if (error is not (LinuxCalls.NoSuchFile or LinuxCalls.NotADirectory or LinuxCalls.TooManyLinks))
            {
                onProblem(new ScanProblem(Show(folder), Marshal.GetPInvokeErrorMessage(error)));
            }

            return null;
        }

        SafeFileHandle handle = new(descriptor, ownsHandle: true);
        try
        {
            Statx status = StatusOf(descriptor);
            if (volume is not null && status.Device != volume)
            {
                handle.Dispose();
                return null;
            }

            if (PseudoFileSystems.Contains(LinuxVolumes.KindOf(descriptor)))
            {
                handle.Dispose();
                return isRoot ? throw new IOException($"{Show(folder)} only shows the kernel's state and holds no files") : null;
            }

            _volumes.LookAt(status, handle);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Fills the buffer with names; 0 at the folder's end, and where it cannot be read further.</summary>
    private int Fill(SafeFileHandle handle, byte[] folder)
    {
        using Descriptor descriptor = new(handle);
        fixed (byte* buffer = _buffer)
        {
            nint length = LinuxCalls.GetEntries(descriptor.Value, buffer, BufferSize);
            if (length < 0)
            {
                onProblem(new ScanProblem(Show(folder), Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())));
            }

            return (int)Math.Max(length, 0);
        }
    }

    /// <summary>Takes one name out of the buffer; <see langword="null"/> if there is none left.</summary>
    private Step? Next(SafeFileHandle handle, byte[] folder, ref int at, int length)
    {
        if (at + At.Name >= length)
        {
            return null;
        }

        ReadOnlySpan<byte> record = _buffer.AsSpan(at, length - at);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(record[At.Length..]);
        if (size <= At.Name || size > record.Length)
        {
            onProblem(new ScanProblem(Show(folder), $"its listing holds a record of {size} bytes where {record.Length} are left"));
            return null;
        }

        at += size;
        byte type = record[At.Type];
        ReadOnlySpan<byte> name = record[At.Name..size];
        int end = name.IndexOf((byte)0);
        name = end < 0 ? name : name[..end];
        if (type is not (FileType or FolderType or UnknownType) || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8) || name.Length == 0)
        {
            return default(Step);
        }

        byte[] path = Join(folder, name);
        if (excluded.Any && excluded.Contains(Encoding.UTF8.GetString(path.AsSpan(..^1))))
        {
            return default(Step);
        }

        if (type == FolderType)
        {
            _folders.Push(path);
            return default(Step);
        }

        return new Step(Look(handle, path, name.Length));
    }

    /// <summary>Finds out what a name leads to, and makes the file of it if it is one.</summary>
    private LinuxFile? Look(SafeFileHandle handle, byte[] path, int nameLength)
    {
        Statx status;
        using Descriptor descriptor = new(handle);
        fixed (byte* p = path)
        {
            if (LinuxCalls.Statx(descriptor.Value, p + (path.Length - 1 - nameLength), Statx.OfTheNameItself, Statx.Wanted, &status) != 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error != LinuxCalls.NoSuchFile)
                {
                    onProblem(new ScanProblem(Show(path), Marshal.GetPInvokeErrorMessage(error)));
                }

                return null;
            }
        }

        if (status.IsFolder)
        {
            _folders.Push(path);
        }

        return status.IsFile ? new LinuxFile(path, status, _volumes) : null;
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

    /// <summary>What a name turned out to be: a file to hand on, or nothing.</summary>
    private readonly record struct Step(LinuxFile? File);
}
