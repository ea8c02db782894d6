namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>The streams that NTFS keeps for itself. Any other stream of its files was put there by somebody, and is a file's content like all others.</summary>
internal static class MetadataStreams
{
    /// <summary>Streams of the records that are set aside for the file system; the unnamed stream of each is its own, too.</summary>
    private static readonly HashSet<(long Record, string Stream)> OfReservedRecords =
    [
        (6, "$SRAT"),
        (8, "$Bad"),
        (9, "$SDS"),
        (10, "$Info"),
    ];

    /// <summary>Streams of the files in the folder <c>$Extend</c>: the change journal, the quota of repairs, the transaction log.</summary>
    private static readonly HashSet<string> OfExtensions = ["$J", "$Max", "$Config", "$Corrupt", "$Verify", "$T", "$Tops"];

    /// <summary>Tells whether a stream of an internal file is the file system's own.</summary>
    /// <param name="record">The file's record number.</param>
    /// <param name="stream">The stream's name.</param>
    public static bool IsMetadata(long record, string stream) => record < MasterFileTable.FirstUserRecord
        ? stream.Length == 0 || OfReservedRecords.Contains((record, stream))
        : OfExtensions.Contains(stream);
}
