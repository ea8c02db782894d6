namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>The content of a file on a FAT volume.</summary>
internal sealed class FatStream(ByteSource volume, FatBootSector boot, FatTable table, FatFile file) : DataStream
{
    protected override ByteSource OpenCore()
    {
        if (file.Size == 0)
        {
            return new MemorySource(default);
        }

        long clusters = (file.Size + (long)boot.ClusterSize - 1) / boot.ClusterSize;
        ClusterChain chain = new(table, file.FirstCluster, clusters, file.Origin);
        return new ChainSource(volume, table, chain, boot.ClusterSize, file.Size);
    }
}
