namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>A hosted sparse extent, compressed or not: stored grains are read from the file, all others are zeros.</summary>
internal sealed class SparseExtent : ByteSource
{
    private readonly ByteSource _file;
    private readonly int _grainSize;
    private readonly GrainDirectory _grains;
    private readonly CompressedGrains? _compressed;

    /// <param name="file">The extent's file; the extent owns it once it is constructed.</param>
    /// <param name="header">The header that counts: the footer's, where there is a footer.</param>
    /// <param name="caches">What the disk's extents keep together.</param>
    public SparseExtent(ByteSource file, SparseHeader header, ExtentCaches caches)
    {
        int extent = caches.NextExtent();
        if (header.DirectoryOffset is not { } directory)
        {
            header = StreamFooter.Read(file);
            directory = header.DirectoryOffset!.Value;
        }

        _file = file;
        _grainSize = (int)header.GrainSize.Bytes;
        _grains = new GrainDirectory(file, header, directory, caches, extent);
        _compressed = header.IsCompressed ? new CompressedGrains(file, header, caches, extent) : null;
        Length = header.Capacity.Bytes;
    }

    public override long Length { get; }

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            long grain = Math.DivRem(offset, _grainSize, out long within);
            GrainRun run = _grains.RunAt(grain);
            int count = (int)Math.Min(buffer.Length, RunLength(run, within));
            if (run.FirstSector is not { } sector)
            {
                buffer[..count].Clear();
            }
            else if (_compressed is null)
            {
                _file.ReadExactly(sector.Bytes + within, buffer[..count], "Grain");
            }
            else
            {
                count = (int)Math.Min(count, _grainSize - within);
                _compressed.Read(sector, grain, (int)within, buffer[..count]);
            }

            offset += count;
            buffer = buffer[count..];
        }
    }

    protected override ByteRun RunAtCore(long offset)
    {
        long grain = Math.DivRem(offset, _grainSize, out long within);
        GrainRun run = _grains.RunAt(grain);
        return new ByteRun(run.FirstSector is not null, RunLength(run, within));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private long RunLength(GrainRun run, long within) => (run.Count * _grainSize) - within;
}
