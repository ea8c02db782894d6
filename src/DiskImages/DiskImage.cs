using Symantec.Virtualization.DiskImages.Partitions;

namespace Symantec.Virtualization.DiskImages;

/// <summary>An open image of a virtual disk: its container, its volumes and their file systems. Nothing is mounted, nothing is written.</summary>
/// <remarks>All members except <see cref="Dispose"/> may be called by any number of threads at once.</remarks>
public sealed class DiskImage : IDisposable
{
    private readonly VirtualDisk _disk;
    private readonly IReadOnlyCollection<HostFileSource> _files;

    private DiskImage(VirtualDisk disk, IReadOnlyCollection<HostFileSource> files, PartitionMap partitions, DiskImageOptions options)
    {
        _disk = disk;
        _files = files;
        PartitionScheme = partitions.Scheme;

        // Tables are looked for at several places and sector sizes: one grain that cannot be read is the same fault each time.
        Faults = [.. disk.Faults.Concat(partitions.Faults).Distinct()];
        Volumes = [.. partitions.Partitions.Select(partition => Volume.Detect(disk.Content, partition, options))];
    }

    /// <summary>Gets the container's format: <c>VMDK</c>, <c>raw</c>.</summary>
    public string Format => _disk.Format;

    /// <summary>Gets the kind of the container's format: <c>streamOptimized</c>; may be empty.</summary>
    public string Variant => _disk.Variant;

    /// <summary>Gets how the disk is divided: <c>MBR</c>, <c>GPT</c>, or <c>none</c> for a disk that is one volume.</summary>
    public string PartitionScheme { get; }

    /// <summary>Gets the disk's bytes.</summary>
    public ByteSource Content => _disk.Content;

    /// <summary>Gets what is wrong with the container or the partition table and did not keep the image from opening.</summary>
    public IReadOnlyList<ImageFault> Faults { get; }

    /// <summary>Gets the volumes, in the order of the table.</summary>
    public IReadOnlyList<Volume> Volumes { get; }

    /// <summary>
    /// Gets a value indicating whether somebody has written to a file of the image since it was opened: its machine may be running, and what was
    /// read may never have been there together.
    /// </summary>
    public bool HasChanged => _files.Any(static file => file.HasChanged);

    /// <summary>Opens an image file of the host.</summary>
    /// <param name="path">The image, or the descriptor of an image of several files.</param>
    /// <param name="options">How to open it; the defaults if <see langword="null"/>.</param>
    /// <returns>The open image.</returns>
    /// <exception cref="ImageFormatException">The image is damaged, hostile or of a kind that is not supported.</exception>
    /// <exception cref="IOException">The host could not open or read a file.</exception>
    /// <exception cref="UnauthorizedAccessException">The host forbids it.</exception>
    public static DiskImage Open(string path, DiskImageOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new DiskImageOptions();
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        return Open(new HostFileSource(path), new ImageFolder(folder, options.AllowedFolders), options);
    }

    /// <summary>Opens an image from any source of bytes.</summary>
    /// <param name="file">The image file; the returned image owns it, and it is disposed if this method throws.</param>
    /// <param name="files">What opens the other files that the image may name.</param>
    /// <param name="options">How to open it; the defaults if <see langword="null"/>.</param>
    /// <returns>The open image.</returns>
    /// <exception cref="ImageFormatException">The image is damaged, hostile or of a kind that is not supported.</exception>
    /// <exception cref="IOException">The host could not open or read a file.</exception>
    public static DiskImage Open(ByteSource file, IImageFiles files, DiskImageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(files);
        options ??= new DiskImageOptions();
        IDisposable owned = file;
        try
        {
            VirtualDisk disk = OpenContainer(file, new ContainerContext { Files = files, Options = options });
            owned = disk;
            PartitionMap partitions = PartitionMap.Read(disk.Content, offset => HoldsFileSystem(disk.Content, offset, options));
            HostFileSource[] hostFiles = [.. ((files as ImageFolder)?.Opened ?? []), .. file is HostFileSource own ? new[] { own } : []];
            return new DiskImage(disk, hostFiles, partitions, options);
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    /// <summary>Closes the image and its files.</summary>
    public void Dispose() => _disk.Dispose();

    private static VirtualDisk OpenContainer(ByteSource file, ContainerContext context)
    {
        foreach (IContainerFormat format in context.Options.Containers)
        {
            if (format.Recognizes(file))
            {
                return format.Open(file, context);
            }
        }

        throw new ImageFormatException(new ImageFault(ImageFaultKind.Unsupported, "File", "", 0, "no container format recognizes it"));
    }

    private static bool HoldsFileSystem(ByteSource disk, long offset, DiskImageOptions options)
    {
        if (offset >= disk.Length)
        {
            return false;
        }

        try
        {
            ByteSource rest = disk.Slice(offset, disk.Length - offset);
            return options.FileSystems.Any(format => format.Recognizes(rest));
        }
        catch (ImageFormatException)
        {
            // Whoever reads the volume itself meets the same fault, and reports it with the volume's name.
            return false;
        }
    }
}
