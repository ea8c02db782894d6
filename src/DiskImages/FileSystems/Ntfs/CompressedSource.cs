using System.Buffers;

namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>A stream that is compressed unit by unit: each unit is stored raw, is LZNT1 data in front of a hole, or is a hole.</summary>
/// <remarks>
/// A read that covers a whole unit decompresses it straight into the reader's buffer; for smaller reads the last unit is kept.
/// </remarks>
internal sealed class CompressedSource : ByteSource
{
    /// <summary>NTFS compresses volumes with clusters up to 4 KiB only, 16 clusters at a time.</summary>
    public const int MaxClusterSize = 4096;

    public const int DefaultUnitExponent = 4;

    /// <summary>The largest number of clusters that is accepted for a unit, as an exponent.</summary>
    public const int MaxUnitExponent = 8;

    private readonly NtfsGeometry _geometry;
    private readonly ClusterMap _map;
    private readonly long _initialized;
    private readonly int _unitClusters;
    private readonly int _unitSize;
    private Unit? _last;

    /// <param name="geometry">The volume and its units.</param>
    /// <param name="map">Where the clusters lie.</param>
    /// <param name="length">The stream's length in bytes.</param>
    /// <param name="initialized">How many bytes were ever written.</param>
    /// <param name="unitExponent">The number of clusters of a unit, as an exponent of two up to <see cref="MaxUnitExponent"/>.</param>
    public CompressedSource(NtfsGeometry geometry, ClusterMap map, long length, long initialized, int unitExponent)
    {
        _geometry = geometry;
        _map = map;
        _initialized = initialized;
        _unitClusters = 1 << unitExponent;
        _unitSize = _unitClusters * geometry.ClusterSize;
        Length = length;
    }

    private sealed record Unit(long Number, byte[] Bytes);

    public override long Length { get; }

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            long unit = Math.DivRem(offset, _unitSize, out long within);
            int count = (int)Math.Min(buffer.Length, _unitSize - within);
            Span<byte> target = buffer[..count];
            if (offset >= _initialized)
            {
                target.Clear();
            }
            else if (count == _unitSize)
            {
                ReadUnit(unit, target);
            }
            else
            {
                Cached(unit).AsSpan((int)within, count).CopyTo(target);
            }

            ClearUninitialized(offset, target);
            offset += count;
            buffer = buffer[count..];
        }
    }

    protected override ByteRun RunAtCore(long offset)
    {
        if (offset >= _initialized)
        {
            return new ByteRun(IsStored: false, Length - offset);
        }

        long unit = Math.DivRem(offset, _unitSize, out long within);
        ClusterRun run = _map.At(new Vcn(unit * _unitClusters));
        long rest = _unitSize - within;
        if (run.Start is not null || run.Clusters < _unitClusters)
        {
            return new ByteRun(IsStored: true, rest);
        }

        long units = run.Clusters / _unitClusters;
        return new ByteRun(IsStored: false, (units * _unitSize) - within);
    }

    private void ClearUninitialized(long offset, Span<byte> target)
    {
        long written = Math.Clamp(_initialized - offset, 0, target.Length);
        target[(int)written..].Clear();
    }

    private byte[] Cached(long number)
    {
        if (Volatile.Read(ref _last) is { } last && last.Number == number)
        {
            return last.Bytes;
        }

        Unit unit = new(number, new byte[_unitSize]);
        ReadUnit(number, unit.Bytes);
        Volatile.Write(ref _last, unit);
        return unit.Bytes;
    }

    private void ReadUnit(long number, Span<byte> destination)
    {
        byte[] stored = ArrayPool<byte>.Shared.Rent(_unitSize);
        try
        {
            int size = ReadStored(number, stored, out long origin);
            if (size == _unitSize)
            {
                stored.AsSpan(0, size).CopyTo(destination);
            }
            else
            {
                Lznt1.Decompress(stored.AsSpan(0, size), origin, destination);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    /// <summary>Reads the clusters of a unit that are stored; they come first.</summary>
    private int ReadStored(long number, byte[] buffer, out long origin)
    {
        int size = 0;
        origin = 0;
        for (long done = 0; done < _unitClusters;)
        {
            Vcn vcn = new((number * _unitClusters) + done);
            ClusterRun run = _map.At(vcn);
            long clusters = Math.Min(run.Clusters, _unitClusters - done);
            if (run.Start is { } start)
            {
                if (size != done * _geometry.ClusterSize)
                {
                    throw new ImageFormatException(new ImageFault(
                        ImageFaultKind.InvalidValue, "CompressionUnit", "", _geometry.OffsetOf(start), $"a stored cluster behind a hole, at {vcn}"));
                }

                origin = size == 0 ? _geometry.OffsetOf(start) : origin;
                int bytes = (int)clusters * _geometry.ClusterSize;
                _geometry.Volume.ReadExactly(_geometry.OffsetOf(start), buffer.AsSpan(size, bytes), "DataRun");
                size += bytes;
            }

            done += clusters;
        }

        return size;
    }
}
