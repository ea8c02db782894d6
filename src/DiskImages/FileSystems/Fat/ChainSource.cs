namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>The content of a file that lies in a chain of clusters.</summary>
internal sealed class ChainSource(ByteSource volume, FatTable table, ClusterChain chain, int clusterSize, long length) : ByteSource
{
    public override long Length => length;

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            long index = Math.DivRem(offset, clusterSize, out long within);
            long wanted = (within + buffer.Length + clusterSize - 1) / clusterSize;
            (uint first, long clusters) = chain.RunAt(index, wanted);
            int count = (int)Math.Min(buffer.Length, (clusters * clusterSize) - within);
            volume.ReadExactly(table.OffsetOf(first) + within, buffer[..count], "Cluster");
            offset += count;
            buffer = buffer[count..];
        }
    }

    protected override ByteRun RunAtCore(long offset)
    {
        // Only the container below can have holes; one cluster at a time tells them well enough.
        long index = Math.DivRem(offset, clusterSize, out long within);
        (uint first, long _) = chain.RunAt(index, 1);
        long volumeOffset = table.OffsetOf(first) + within;

        // Behind the end of the volume nothing is stored, and nothing is a hole: reading there must be tried, and is a fault.
        if (volumeOffset >= volume.Length)
        {
            return new ByteRun(IsStored: true, clusterSize - within);
        }

        ByteRun below = volume.RunAt(volumeOffset);
        return below with { Length = Math.Clamp(below.Length, 1, clusterSize - within) };
    }
}
