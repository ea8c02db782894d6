namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>A stream whose clusters lie on the volume as they are, with holes where nothing was written.</summary>
/// <param name="geometry">The volume and its units.</param>
/// <param name="map">Where the clusters lie.</param>
/// <param name="length">The stream's length in bytes.</param>
/// <param name="initialized">How many bytes were ever written: what follows reads as zeros, whatever its clusters hold.</param>
internal sealed class NonResidentSource(NtfsGeometry geometry, ClusterMap map, long length, long initialized) : ByteSource
{
    public override long Length => length;

    /// <summary>Tells where a byte lies on the volume; <see langword="null"/> in a hole.</summary>
    public long? VolumeOffsetOf(long offset)
    {
        long cluster = Math.DivRem(offset, geometry.ClusterSize, out long within);
        return map.At(new Vcn(cluster)).Start is { } start ? geometry.OffsetOf(start) + within : null;
    }

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            (long? stored, long run) = Locate(offset);
            int count = (int)Math.Min(buffer.Length, run);
            if (stored is { } volumeOffset)
            {
                geometry.Volume.ReadExactly(volumeOffset, buffer[..count], "DataRun");
            }
            else
            {
                buffer[..count].Clear();
            }

            offset += count;
            buffer = buffer[count..];
        }
    }

    protected override ByteRun RunAtCore(long offset)
    {
        (long? stored, long run) = Locate(offset);
        if (stored is not { } volumeOffset)
        {
            return new ByteRun(IsStored: false, run);
        }

        // Behind the end of the volume nothing is stored, and nothing is a hole: reading there must be tried, and is a fault.
        if (volumeOffset >= geometry.Volume.Length)
        {
            return new ByteRun(IsStored: true, run);
        }

        // Clusters in a part of the disk that its container does not store are a hole as well.
        ByteRun below = geometry.Volume.RunAt(volumeOffset);
        return below with { Length = Math.Clamp(below.Length, 1, run) };
    }

    private (long? VolumeOffset, long Run) Locate(long offset)
    {
        if (offset >= initialized)
        {
            return (null, length - offset);
        }

        long cluster = Math.DivRem(offset, geometry.ClusterSize, out long within);
        ClusterRun run = map.At(new Vcn(cluster));
        long bytes = Math.Min((run.Clusters * geometry.ClusterSize) - within, initialized - offset);
        return (run.Start is { } start ? geometry.OffsetOf(start) + within : null, bytes);
    }
}
