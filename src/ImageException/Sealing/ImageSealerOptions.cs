using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>How an image is sealed.</summary>
public sealed class ImageSealerOptions
{
    /// <summary>Gets or sets the volume or folder that is sealed.</summary>
    public required string Root { get; set; }

    /// <summary>Gets or sets where the seal belongs: see <see cref="SealPlace"/> for the usual place.</summary>
    public required string SealPath { get; set; }

    /// <summary>Gets or sets what signs the seal.</summary>
    public required SealKey Key { get; set; }

    /// <summary>Gets or sets what scans each file before it is sealed; <see langword="null"/> to hash only, which the seal then says.</summary>
    public IScanEngine? Engine { get; set; }

    /// <summary>Gets or sets a value indicating whether files get marks, where the file system keeps attributes.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool WriteMarks { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether the unchanged files of an earlier seal are scanned again.</summary>
    /// <value>The default value is <see langword="false"/>: only what changed since is scanned.</value>
    public bool ScanAll { get; set; }

    /// <summary>Gets or sets how many files are read at once.</summary>
    /// <value>The default value is the number of processors.</value>
    public int MaxConcurrency { get; set; } = Environment.ProcessorCount;

    /// <summary>Gets the files and folders that are left out, besides the seal itself.</summary>
    public IList<string> Excluded { get; } = [];

    /// <summary>Gets what else takes down the scan.</summary>
    public IList<IScanReport> Reports { get; } = [];

    /// <summary>Gets or sets what is told how far the work has come.</summary>
    public IProgress<SealProgress>? Progress { get; set; }

    /// <summary>Gets or sets how often what was done so far is put on the disk, so that a run that is killed goes on from there.</summary>
    /// <value>The default value is 30 seconds.</value>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>The part of the work that runs.</summary>
public enum SealPhase
{
    /// <summary>Files are scanned.</summary>
    Scanning,

    /// <summary>Marks are written.</summary>
    Marking,

    /// <summary>Files are compared with the seal.</summary>
    Verifying,

    /// <summary>Marks are removed.</summary>
    Clearing,
}

/// <summary>How far the work has come.</summary>
/// <param name="Phase">What runs.</param>
/// <param name="Files">How many files are through.</param>
/// <param name="Total">How many there are, where that is known.</param>
/// <param name="Current">The file that was met last; hostile.</param>
/// <param name="Scan">More of a scan, with its rate and the time that is left.</param>
public sealed record SealProgress(SealPhase Phase, long Files, long? Total, string Current, ScanProgress? Scan = null);

/// <summary>The usual place of a seal.</summary>
public static class SealPlace
{
    /// <summary>The folder at the root of what is sealed.</summary>
    public const string Folder = ".symantec-virtualization";

    /// <summary>The seal's file.</summary>
    public const string FileName = "image.seal";

    /// <summary>Gets the usual place.</summary>
    /// <param name="root">The volume or folder that is sealed.</param>
    /// <returns>The path.</returns>
    public static string Of(string root) => Path.Combine(Path.GetFullPath(root), Folder, FileName);

    /// <summary>Gets the file in which a run keeps what it did so far: a seal that is not finished, and lets nothing be skipped.</summary>
    /// <param name="sealPath">The seal's file.</param>
    /// <returns>The path. It is there after a run that was interrupted.</returns>
    public static string CheckpointOf(string sealPath) => $"{sealPath}.unfinished";

    /// <summary>Gets every file that sealing writes, so that none of them is sealed itself.</summary>
    internal static string[] FilesOf(string sealPath)
        => [sealPath, $"{sealPath}.writing", CheckpointOf(sealPath), $"{CheckpointOf(sealPath)}.writing", LockOf(sealPath)];

    /// <summary>Gets the file that a run holds while it works.</summary>
    internal static string LockOf(string sealPath) => $"{sealPath}.lock";
}
