namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>How many records may be read to follow attribute lists. Safe for concurrent use.</summary>
/// <remarks>
/// On a sound volume every record continues one file, and lists are smaller than the records they name: twice the table is plenty. Hostile files share one
/// list of thousands of entries, each.
/// </remarks>
/// <param name="recordCount">The number of records of the table.</param>
internal sealed class ExtensionAllowance(long recordCount)
{
    /// <summary>Small tables may be read more often.</summary>
    private const long Free = 4096;

    private long _left = Free + (2 * recordCount);

    /// <summary>Takes records that are about to be read, or as many bytes of lists.</summary>
    /// <returns><see langword="false"/> if so many are not left.</returns>
    public bool TryTake(long records) => Interlocked.Add(ref _left, -records) >= 0;
}
