namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>The streams that NTFS keeps for itself. Any other stream of its files was put there by somebody, and is a file's content like all others.</summary>
internal static class MetadataStreams
{
    /// <summary>Streams of the records that describe the file system; the unnamed stream of each is its own, too.</summary>
    private static readonly HashSet<(long Record, string Stream)> OfRecords =
    [
        (6, "$SRAT"),
        (8, "$Bad"),
        (9, "$SDS"),
        (10, "$Info"),
    ];

    /// <summary>Streams of the files in the folder <c>$Extend</c>: the change journal, the notes of repairs, the transaction log.</summary>
    private static readonly HashSet<(string Path, string Stream)> OfExtensions =
    [
        (ChangeJournal.Path, "$J"),
        (ChangeJournal.Path, "$Max"),
        ("$Extend/$RmMetadata/$Repair", "$Config"),
        ("$Extend/$RmMetadata/$Repair", "$Corrupt"),
        ("$Extend/$RmMetadata/$Repair", "$Verify"),
        ("$Extend/$RmMetadata/$TxfLog/$Tops", "$T"),
    ];

    /// <summary>Tells whether a stream of an internal file is the file system's own.</summary>
    /// <param name="record">The file's record number.</param>
    /// <param name="paths">The file's paths.</param>
    /// <param name="stream">The stream's name.</param>
    public static bool IsMetadata(long record, IReadOnlyList<string> paths, string stream) => record < MasterFileTable.FirstSpareRecord
        ? stream.Length == 0 || OfRecords.Contains((record, stream))
        : paths.Count == 1 && OfExtensions.Contains((paths[0], stream));
}
