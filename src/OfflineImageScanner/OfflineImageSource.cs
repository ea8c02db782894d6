using Symantec.Virtualization.DiskImages;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.OfflineImageScanner;

/// <summary>The files of a virtual disk that is not running, as a source of contents to scan.</summary>
/// <remarks>
/// Every file of every volume is listed once, with its named streams; the structures of the file systems themselves are left out, and streams that
/// somebody hid in them are not. What cannot be opened or read is a problem of the scan, never silence.
/// </remarks>
public sealed class OfflineImageSource : IScanSource
{
    private readonly OfflineScannerOptions _options;
    private long? _storedBytes;

    /// <summary>Initializes a new instance of the <see cref="OfflineImageSource"/> class. The image is opened when it is enumerated.</summary>
    /// <param name="path">The image, or the descriptor of an image of several files.</param>
    /// <param name="options">How it is read; the defaults if <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public OfflineImageSource(string path, OfflineScannerOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Name = path;
        _options = options ?? new OfflineScannerOptions();
        _options.Validate();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Gets the bytes that the image's file systems say are in use; before the image is opened, the length of its file.</summary>
    public long? StoredBytes => _storedBytes ?? (File.Exists(Name) ? new FileInfo(Name).Length : null);

    /// <inheritdoc/>
    public IEnumerable<ScanContent> Enumerate(Action<ScanProblem> onProblem, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(onProblem);
        if (Open(onProblem) is not { } image)
        {
            yield break;
        }

        using SharedImage shared = new(image, Name, onProblem);
        foreach (ImageFault fault in image.Faults)
        {
            onProblem(new ScanProblem(Name, fault.ToString()));
        }

        _options.ImageOpened?.Invoke(image);
        _storedBytes = image.Volumes.Aggregate(0L, static (total, volume) => ByteTotal.Add(total, UsedBytes(volume)));
        foreach (Volume volume in image.Volumes)
        {
            VolumeContents contents = new($"{Name}!/{volume.Name}", volume, shared, _options);
            foreach (ScanContent content in contents.Enumerate(onProblem, cancellationToken))
            {
                yield return content;
            }
        }
    }

    private DiskImage? Open(Action<ScanProblem> onProblem)
    {
        try
        {
            return DiskImage.Open(Name, _options.DiskImages);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            onProblem(new ScanProblem(Name, e.Message));
            return null;
        }
    }

    private static long UsedBytes(Volume volume)
    {
        try
        {
            return volume.FileSystem?.CountUsedBytes() ?? 0;
        }
        catch (ImageFormatException)
        {
            // Only progress is measured by it; whatever is damaged is met again when it matters.
            return volume.Content.Length;
        }
    }
}
