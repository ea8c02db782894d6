namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>How libclamav scans. The values are read once, when the engine is made.</summary>
/// <remarks>A content that reaches one of the limits is <see cref="Core.VerdictKind.Incomplete"/> unless a threat was found in what was scanned of it.</remarks>
public sealed class LibClamAvOptions
{
    /// <summary>The size in bytes beyond which no version of libclamav scans a file: 2 GiB less 3 bytes.</summary>
    public const long LargestFileSize = int.MaxValue - 2;

    /// <summary>Below this, every member that is unpacked would look as if it had been cut.</summary>
    private const long SmallestFileSize = 64 << 10;

    /// <summary>Gets or sets the library's file.</summary>
    /// <value><see langword="null"/>, the default, looks for <c>libclamav.so.12</c> (<c>libclamav.dylib</c>, <c>libclamav.dll</c>) where the operating system does.</value>
    public string? LibraryPath { get; set; }

    /// <summary>Gets or sets the folder of definitions, or one file of them.</summary>
    /// <value><see langword="null"/>, the default, is the folder that the library was built for, as <c>/var/lib/clamav</c>.</value>
    public string? DatabasePath { get; set; }

    /// <summary>Gets or sets the folder for members that libclamav unpacks; up to <see cref="MaxScanSize"/> for each scan that runs. Best on tmpfs, or private.</summary>
    /// <value><see langword="null"/>, the default, is the operating system's folder.</value>
    public string? TemporaryFolder { get; set; }

    /// <summary>Gets or sets the size of the largest content, and of the largest member of one, in bytes: from 64 KiB to <see cref="LargestFileSize"/>.</summary>
    /// <value>The default value is <see cref="LargestFileSize"/>.</value>
    public long MaxFileSize { get; set; } = LargestFileSize;

    /// <summary>Gets or sets how many bytes are scanned of a content and all that is unpacked from it; at least 1.</summary>
    /// <value>The default value is 4 GiB.</value>
    public long MaxScanSize { get; set; } = 4L << 30;

    /// <summary>Gets or sets how many members are scanned of a content; at least 1.</summary>
    /// <value>The default value is 10,000.</value>
    public int MaxFiles { get; set; } = 10_000;

    /// <summary>Gets or sets how deep containers may lie in one another; from 1 to 100.</summary>
    /// <value>The default value is 17.</value>
    public int MaxRecursion { get; set; } = 17;

    /// <summary>Gets or sets the longest time of one scan; from 1 millisecond to 24 days.</summary>
    /// <value>The default value is 2 minutes.</value>
    public TimeSpan MaxScanTime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Gets or sets up to which length a content is read into memory for its scan, in bytes; at least 0. A scan takes as much memory as its content is long up to
    /// here, and about 8 MiB for longer ones, which are read page by page. That needs Linux; elsewhere longer contents are incomplete.
    /// </summary>
    /// <value>The default value is 16 MiB.</value>
    public int MaxInMemory { get; set; } = 16 << 20;

    /// <summary>Gets or sets a value indicating whether potentially unwanted programs count as threats.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool DetectUnwanted { get; set; }

    /// <summary>Gets or sets a value indicating whether libclamav's rules of thumb (names that begin with <c>Heuristics.</c>) count as threats.</summary>
    /// <value>The default value is <see langword="true"/>, as in clamscan.</value>
    public bool Heuristics { get; set; } = true;

    /// <summary>Gets or sets how often the files of definitions are looked at for changes.</summary>
    /// <value>The default value is 1 minute; <see cref="Timeout.InfiniteTimeSpan"/> is never, so that only <see cref="LibClamAvEngine.ReloadIfChanged"/> looks.</value>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFileSize, SmallestFileSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxFileSize, LargestFileSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxScanSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFiles, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRecursion, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxRecursion, 100);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxScanTime, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxScanTime, TimeSpan.FromDays(24));
        ArgumentOutOfRangeException.ThrowIfNegative(MaxInMemory);
        if (ReloadInterval != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(ReloadInterval, TimeSpan.FromMilliseconds(1));
        }
    }
}
