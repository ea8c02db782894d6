using Symantec.Virtualization.DiskImages.Containers;

namespace Symantec.Virtualization.DiskImages;

/// <summary>The files beside an image, and those in folders that the caller allows.</summary>
/// <remarks>
/// <para>By default an image may name plain files of its own folder and nothing else: no path, no device, no pipe, no link that leads
/// out of the folder. Images that came from elsewhere have named <c>/etc/shadow</c> as an extent (CVE-2022-47951 and its kin).</para>
/// <para>A name, and each link on its way, is compared with the folders before anything is looked up: on Windows merely asking for
/// <c>\\host\share\file</c> logs on to that host. Links may therefore not lead out of the folders and back into them.</para>
/// <para>Instances are safe for concurrent use.</para>
/// </remarks>
public sealed class ImageFolder : IImageFiles
{
    /// <summary>Linux follows no more in one path.</summary>
    private const int MaxLinks = 40;

    private readonly Root _own;
    private readonly Root[] _allowed;
    private readonly SharedFiles _files = new();

    /// <summary>Initializes a new instance of the <see cref="ImageFolder"/> class.</summary>
    /// <param name="folder">The folder that holds the image.</param>
    /// <param name="allowedFolders">Other folders that an image may name files of, with all that is below them.</param>
    public ImageFolder(string folder, params IEnumerable<string> allowedFolders)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(allowedFolders);
        _own = Root.Of(folder);
        _allowed = [.. allowedFolders.Select(Root.Of)];
    }

    /// <summary>Gets the files that are open.</summary>
    internal IReadOnlyCollection<HostFileSource> Opened => _files.Opened;

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
        string path = Path.GetFullPath(Path.Combine(_own.Named, name));
        if (!IsAllowed(path))
        {
            throw Fault(origin, ImageFaultKind.Refused, $"\"{name}\" lies outside the image's folder");
        }

        if (Follow(path) is not { } real || !IsAllowed(real))
        {
            throw Fault(origin, ImageFaultKind.Refused, $"\"{name}\" is a link that leads outside the image's folder");
        }

        FileInfo target = new(real);
        if (!target.Exists)
        {
            throw Fault(origin, ImageFaultKind.Missing, $"\"{name}\" is not there");
        }

        // Devices and pipes have no length, and merely opening a pipe may wait for ever.
        return target.Length > 0 && (target.Attributes & FileAttributes.Device) == 0
            ? _files.Open(target.FullName)
            : throw Fault(origin, ImageFaultKind.Refused, $"\"{name}\" is empty or not a regular file");
    }

    /// <summary>Tells whether a name has a colon behind the place of a drive's.</summary>
    internal static bool NamesStream(string name) => name.AsSpan(Math.Min(2, name.Length)).Contains(':');

    private static ImageFormatException Fault(ImageFault origin, ImageFaultKind kind, string detail)
        => new(origin with { Kind = kind, Detail = detail });

    /// <summary>Tells, by the words alone, whether a path leads to a file beside the image or to one below an allowed folder.</summary>
    private bool IsAllowed(string path)
        => Path.GetDirectoryName(path) is { } folder
            && (_own.Is(folder) || Array.Exists(_allowed, allowed => allowed.Is(folder) || allowed.PartsOf(folder) is not null));

    /// <summary>Follows every link in a path, not only one in its last part, and looks at nothing that lies outside the folders.</summary>
    /// <returns>The path without links, of a file that may not be there; <see langword="null"/> if a link leads out of the folders.</returns>
    private string? Follow(string path)
    {
        for (int links = 0; links <= MaxLinks; links++)
        {
            if (_allowed.Prepend(_own).FirstOrDefault(root => root.PartsOf(path) is not null) is not { } root)
            {
                return null;
            }

            (path, bool isLink) = FollowOne(root.Real, root.PartsOf(path)!);
            if (!isLink)
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>Goes from a folder down to a file, or to the first link on the way.</summary>
    private static (string Next, bool IsLink) FollowOne(string folder, string[] parts)
    {
        string at = folder;
        for (int i = 0; i < parts.Length; i++)
        {
            string parent = at;
            at = Path.Combine(at, parts[i]);
            if (new FileInfo(at).LinkTarget is { } target)
            {
                return (Path.GetFullPath(Path.Combine([parent, target, .. parts[(i + 1)..]])), IsLink: true);
            }
        }

        return (at, IsLink: false);
    }

    /// <summary>A folder whose files may be named.</summary>
    /// <param name="Named">The folder as the caller names it.</param>
    /// <param name="Real">The same folder without links.</param>
    private sealed record Root(string Named, string Real)
    {
        public static Root Of(string folder)
        {
            string named = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
            return new Root(named, RealPath(named));
        }

        public bool Is(string folder) => string.Equals(folder, Named, PathComparison) || string.Equals(folder, Real, PathComparison);

        /// <summary>Gets the parts of a path below this folder; <see langword="null"/> if the path is not below it.</summary>
        public string[]? PartsOf(string path) => PartsBelow(Named, path) ?? PartsBelow(Real, path);

        private static string[]? PartsBelow(string folder, string path)
        {
            string start = Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar;
            return path.Length > start.Length && path.StartsWith(start, PathComparison) ? path[start.Length..].Split(Path.DirectorySeparatorChar) : null;
        }

        /// <summary>Follows every link in a path that the caller chose; what is not there stays as it is.</summary>
        private static string RealPath(string path)
        {
            string? parent = Path.GetDirectoryName(path);
            string real = parent is null ? path : Path.Combine(RealPath(parent), Path.GetFileName(path));
            FileSystemInfo entry = Directory.Exists(real) ? new DirectoryInfo(real) : new FileInfo(real);
            return entry.LinkTarget is null ? real : RealPath(entry.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
        }
    }
}
