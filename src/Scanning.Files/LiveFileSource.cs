using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>The files of a folder of this machine, or one file, as a source of contents to scan.</summary>
/// <remarks>
/// <para>Regular files are listed, and links are not followed: a link's target has a place of its own. File systems that only show the kernel's state (<c>/proc</c>, <c>/sys</c> and their
/// like) are left out. A file that vanishes while the folder is listed was not there; whatever else cannot be listed is a problem of the scan.</para>
/// <para>A file with several names is listed once for each. Names on Linux are bytes; those that are no UTF-8 are listed all the same, with their odd bytes replaced in
/// <see cref="ScanContent.Location"/>.</para>
/// </remarks>
public sealed class LiveFileSource : IScanSource
{
    private readonly LiveFileOptions _options;

    /// <summary>Initializes a new instance of the <see cref="LiveFileSource"/> class.</summary>
    /// <param name="path">The folder or file. Links in this path are followed.</param>
    /// <param name="options">How it is listed; the defaults if <see langword="null"/>.</param>
    /// <exception cref="PlatformNotSupportedException">The system is neither Linux nor Windows.</exception>
    public LiveFileSource(string path, LiveFileOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows())
        {
            throw NotSupported();
        }

        Name = Path.GetFullPath(path);
        _options = options ?? new LiveFileOptions();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Gets the bytes in use on the volume, where the path is one's root.</summary>
    public long? StoredBytes
    {
        get
        {
            try
            {
                DriveInfo volume = new(Name);
                bool isRoot = Path.TrimEndingDirectorySeparator(volume.RootDirectory.FullName) == Path.TrimEndingDirectorySeparator(Name);
                return isRoot ? volume.TotalSize - volume.TotalFreeSpace : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // Only progress is measured by it.
                return null;
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The path is not there, or lies in a file system that only shows the kernel's state.</exception>
    public IEnumerable<ScanContent> Enumerate(Action<ScanProblem> onProblem, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(onProblem);
        return EnumerateFiles(onProblem, cancellationToken);
    }

    /// <summary>Lists the files.</summary>
    /// <param name="onProblem">Is told of what could not be listed.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>The files, made as they are taken. The caller disposes each.</returns>
    /// <exception cref="IOException">The path is not there, or lies in a file system that only shows the kernel's state.</exception>
    public IEnumerable<LiveFile> EnumerateFiles(Action<ScanProblem> onProblem, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(onProblem);
        Exclusions excluded = new(_options.Excluded);
        return OperatingSystem.IsWindows()
            ? new WindowsListing(excluded, _options.CrossVolumes, onProblem).Enumerate(Name, cancellationToken)
            : new LinuxListing(excluded, _options.CrossVolumes, onProblem).Enumerate(Name, cancellationToken);
    }

    internal static PlatformNotSupportedException NotSupported() => new("The files of a running system are listed on Linux and on Windows.");
}
