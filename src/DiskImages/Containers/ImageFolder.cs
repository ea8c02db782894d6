using System.Collections.Concurrent;

namespace Symantec.Virtualization.DiskImages;

/// <summary>The files beside an image, and those in folders that the caller allows.</summary>
/// <remarks>
/// <para>By default an image may name plain files of its own folder and nothing else: no path, no device, no pipe, no link that leads
/// out of the folder. Images that came from elsewhere have named <c>/etc/shadow</c> as an extent (CVE-2022-47951 and its kin).</para>
/// <para>Instances are safe for concurrent use.</para>
/// </remarks>
public sealed class ImageFolder : IImageFiles
{
    private readonly string _folder;
    private readonly string _realFolder;
    private readonly string[] _allowedFolders;
    private readonly ConcurrentBag<HostFileSource> _opened = [];

    /// <summary>Initializes a new instance of the <see cref="ImageFolder"/> class.</summary>
    /// <param name="folder">The folder that holds the image.</param>
    /// <param name="allowedFolders">Other folders that an image may name files of, with all that is below them.</param>
    public ImageFolder(string folder, params IEnumerable<string> allowedFolders)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(allowedFolders);
        _folder = Path.GetFullPath(folder);
        _realFolder = RealPath(_folder);
        _allowedFolders = [.. allowedFolders.Select(allowed => RealPath(Path.GetFullPath(allowed)))];
    }

    /// <summary>Gets the files that were opened.</summary>
    internal IReadOnlyCollection<HostFileSource> Opened => _opened;

    private static StringComparison PathComparison
        => OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <inheritdoc/>
    public ByteSource Open(string name, ImageFault origin)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(origin);

        // The colon of a Windows stream name would open another content than the file's own.
        if (name.Length == 0 || name.AsSpan().ContainsAnyInRange('\0', '\x1F') || (OperatingSystem.IsWindows() && NamesStream(name)))
        {
            throw Fault(origin, ImageFaultKind.Refused, $"\"{name}\" is not a file's name");
        }

        // The folder rule comes before any look at the file system: a refused name must not even tell whether the file is there.
        string path = Path.GetFullPath(Path.Combine(_folder, name));
        if (!IsAllowed(path, _folder))
        {
            throw Fault(origin, ImageFaultKind.Refused, $"\"{name}\" lies outside the image's folder");
        }

        FileInfo target = new(RealPath(path));
        if (!IsAllowed(target.FullName, _realFolder))
        {
            throw Fault(origin, ImageFaultKind.Refused, $"\"{name}\" is a link that leads outside the image's folder");
        }

        if (!target.Exists)
        {
            throw Fault(origin, ImageFaultKind.Missing, $"\"{name}\" is not there");
        }

        // Devices and pipes have no length, and merely opening a pipe may wait for ever.
        return target.Length > 0 && (target.Attributes & FileAttributes.Device) == 0
            ? Remember(new HostFileSource(target.FullName))
            : throw Fault(origin, ImageFaultKind.Refused, $"\"{name}\" is empty or not a regular file");
    }

    /// <summary>Tells whether a name has a colon behind the place of a drive's.</summary>
    internal static bool NamesStream(string name) => name.AsSpan(Math.Min(2, name.Length)).Contains(':');

    private HostFileSource Remember(HostFileSource file)
    {
        _opened.Add(file);
        return file;
    }

    private static ImageFormatException Fault(ImageFault origin, ImageFaultKind kind, string detail)
        => new(origin with { Kind = kind, Detail = detail });

    /// <summary>Follows every link in a path, not only one in its last part; what is not there stays as it is.</summary>
    private static string RealPath(string path)
    {
        string? parent = Path.GetDirectoryName(path);
        string real = parent is null ? path : Path.Combine(RealPath(parent), Path.GetFileName(path));
        FileSystemInfo entry = Directory.Exists(real) ? new DirectoryInfo(real) : new FileInfo(real);
        return entry.LinkTarget is null ? real : RealPath(entry.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
    }

    private static bool IsInside(string folder, string allowed)
        => string.Equals(folder, allowed, PathComparison)
            || folder.StartsWith(Path.TrimEndingDirectorySeparator(allowed) + Path.DirectorySeparatorChar, PathComparison);

    private bool IsAllowed(string path, string imageFolder)
        => Path.GetDirectoryName(path) is { } folder
            && (string.Equals(folder, imageFolder, PathComparison)
                || _allowedFolders.Any(allowed => IsInside(RealPath(folder), allowed)));
}
