namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>A volume's bytes and its units: all that is needed to turn cluster numbers into offsets.</summary>
/// <param name="Volume">The volume.</param>
/// <param name="ClusterSize">The size of a cluster in bytes: a power of two up to 2 MiB.</param>
/// <param name="ClusterCount">The number of clusters; every <see cref="Lcn"/> that is kept lies below it.</param>
/// <param name="RecordSize">The size of a file record in bytes: a power of two up to 64 KiB.</param>
internal sealed record NtfsGeometry(ByteSource Volume, int ClusterSize, long ClusterCount, int RecordSize)
{
    public long OffsetOf(Lcn lcn) => lcn.Value * ClusterSize;

    /// <summary>Gets the number of bytes in front of a cluster of a stream; every cluster that runs map can be counted so.</summary>
    public long BytesOf(Vcn vcn) => vcn.Value * ClusterSize;
}
