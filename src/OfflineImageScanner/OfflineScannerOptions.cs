using System.ComponentModel.DataAnnotations;
using Symantec.Virtualization.DiskImages;

namespace Symantec.Virtualization.OfflineImageScanner;

/// <summary>How images are read for a scan.</summary>
public sealed class OfflineScannerOptions
{
    /// <summary>The largest value that <see cref="MaxExpansion"/> takes.</summary>
    public const int MaxMaxExpansion = 1000;

    /// <summary>Gets or sets how images are opened.</summary>
    public DiskImageOptions DiskImages { get; set; } = new();

    /// <summary>
    /// Gets or sets how many times its own size a volume may be read before the rest of its files is incomplete. A damaged or hostile volume
    /// can claim the same clusters for any number of files.
    /// </summary>
    /// <value>The default value is 32: more than hashing and scanning every byte of a volume that is compressed as well as its file system can.</value>
    [Range(1, MaxMaxExpansion)]
    public int MaxExpansion { get; set; } = 32;

    /// <summary>Gets or sets what is told of each image that was opened, before its files are scanned; on a thread of the session.</summary>
    public Action<DiskImage>? ImageOpened { get; set; }

    /// <summary>Checks the options of a scanner that no host has validated.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal void Validate()
    {
        if (MaxExpansion is < 1 or > MaxMaxExpansion)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxExpansion), MaxExpansion, $"{nameof(MaxExpansion)} takes a number from 1 to {MaxMaxExpansion}.");
        }
    }
}
