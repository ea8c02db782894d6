namespace Symantec.Virtualization.DiskImages.Containers;

/// <summary>Host files that are opened once, however often an image names them, and closed by the last one who does. Safe for concurrent use.</summary>
/// <remarks>
/// A disk of thousands of distinct extents holds as many handles, on purpose: a file that is closed and opened again by its path may be another file
/// by then, which nobody would notice. VMware splits disks into pieces of 2 GiB, so that 62 TiB are 32 thousand handles at most, and .NET raises a
/// process's own limit to the one that its administrator set.
/// </remarks>
internal sealed class SharedFiles
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Shared> _files = new(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    /// <summary>Gets the files that are open.</summary>
    public IReadOnlyCollection<HostFileSource> Opened
    {
        get
        {
            lock (_lock)
            {
                return [.. _files.Values.Select(static shared => shared.File)];
            }
        }
    }

    /// <summary>Opens a file, or shares the one that is open.</summary>
    /// <param name="realPath">The file's path, without links: two paths are two files.</param>
    /// <returns>The file; it is closed when everybody disposed what this method gave them.</returns>
    public ByteSource Open(string realPath)
    {
        lock (_lock)
        {
            if (!_files.TryGetValue(realPath, out Shared? shared))
            {
                shared = new Shared(new HostFileSource(realPath));
                _files.Add(realPath, shared);
            }

            shared.Users++;
            return new Share(this, shared.File);
        }
    }

    private void Release(string realPath)
    {
        lock (_lock)
        {
            Shared shared = _files[realPath];
            if (--shared.Users == 0)
            {
                _files.Remove(realPath);
                shared.File.Dispose();
            }
        }
    }

    private sealed class Shared(HostFileSource file)
    {
        public HostFileSource File => file;

        public int Users { get; set; }
    }

    /// <summary>One user's view of a shared file.</summary>
    private sealed class Share(SharedFiles files, HostFileSource file) : ByteSource
    {
        private int _disposed;

        public override long Length => file.Length;

        protected override void ReadCore(long offset, Span<byte> buffer) => file.ReadExactly(offset, buffer, "File");

        protected override void Dispose(bool disposing)
        {
            if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                files.Release(file.Path);
            }

            base.Dispose(disposing);
        }
    }
}
