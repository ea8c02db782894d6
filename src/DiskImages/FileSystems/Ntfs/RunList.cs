namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>Clusters of a stream that lie one behind the other on the volume, or are a hole together.</summary>
/// <param name="Start">Where the first one lies; <see langword="null"/> for a hole.</param>
/// <param name="Clusters">How many there are, at least 1.</param>
internal readonly record struct ClusterRun(Lcn? Start, long Clusters);

/// <summary>Where the clusters of a stream lie.</summary>
internal abstract class ClusterMap
{
    /// <summary>Tells the run from a cluster on.</summary>
    /// <exception cref="ImageFormatException">The map does not reach that far, or is damaged there.</exception>
    public abstract ClusterRun At(Vcn vcn);
}

/// <summary>The runs of one attribute, decoded. Immutable.</summary>
/// <remarks>
/// Mapping pairs are a header byte (the low half counts the bytes of the length, the high half those of the distance), the length in clusters and
/// the signed distance from the run before; a run without a distance is a hole; a header of 0 ends the list.
/// </remarks>
internal sealed class RunList : ClusterMap
{
    private const string Structure = "MappingPairs";
    private const long Hole = -1;

    private readonly Vcn _first;
    private readonly long _origin;

    /// <summary>The cluster number behind each run.</summary>
    private readonly long[] _ends;

    /// <summary>Where each run lies, or <see cref="Hole"/>.</summary>
    private readonly long[] _lcns;

    private RunList(Vcn first, long origin, long[] ends, long[] lcns)
    {
        _first = first;
        _origin = origin;
        _ends = ends;
        _lcns = lcns;
    }

    /// <summary>Gets the cluster behind the last one that is mapped.</summary>
    public Vcn End => _ends.Length == 0 ? _first : new Vcn(_ends[^1]);

    /// <summary>Gets the number of clusters that are stored.</summary>
    public long StoredClusters
    {
        get
        {
            long stored = 0;
            long start = _first.Value;
            for (int i = 0; i < _ends.Length; i++)
            {
                stored += _lcns[i] == Hole ? 0 : _ends[i] - start;
                start = _ends[i];
            }

            return stored;
        }
    }

    /// <summary>Gets the first cluster that is stored, if any is.</summary>
    public Lcn? FirstStored
    {
        get
        {
            int index = Array.FindIndex(_lcns, static lcn => lcn != Hole);
            return index < 0 ? null : new Lcn(_lcns[index]);
        }
    }

    /// <summary>Decodes mapping pairs.</summary>
    /// <param name="pairs">The bytes, which may go on behind the end mark.</param>
    /// <param name="origin">Their offset on the volume.</param>
    /// <param name="first">The cluster number of the first run; the distances start anew in each attribute.</param>
    /// <param name="geometry">The volume's units; a run that leaves the volume is a fault.</param>
    public static RunList Decode(ReadOnlySpan<byte> pairs, long origin, Vcn first, NtfsGeometry geometry)
    {
        if (first.Value > long.MaxValue / geometry.ClusterSize)
        {
            throw Fault(ImageFaultKind.InvalidValue, "LowestVcn", origin, $"the bytes in front of {first} cannot be counted");
        }

        List<long> ends = [];
        List<long> lcns = [];
        long vcn = first.Value;
        long lcn = 0;
        int at = 0;
        while (at < pairs.Length && pairs[at] != 0)
        {
            int start = at;
            int lengthSize = pairs[at] & 0xF;
            int distanceSize = pairs[at] >> 4;
            at++;
            long length = Number(pairs, ref at, lengthSize, start, origin);
            if (length <= 0 || length > long.MaxValue / geometry.ClusterSize - vcn)
            {
                throw Fault(ImageFaultKind.InvalidValue, "Length", origin + start, $"a run of {length} clusters at VCN {vcn}");
            }

            if (distanceSize != 0)
            {
                long distance = Number(pairs, ref at, distanceSize, start, origin);
                lcn = unchecked(lcn + distance);
                if (lcn < 0 || lcn > geometry.ClusterCount - length)
                {
                    throw Fault(
                        ImageFaultKind.InvalidValue, "Distance", origin + start,
                        $"a run of {length} clusters at LCN {lcn} leaves the volume's {geometry.ClusterCount} clusters");
                }
            }

            vcn += length;
            ends.Add(vcn);
            lcns.Add(distanceSize == 0 ? Hole : lcn);
        }

        return new RunList(first, origin, [.. ends], [.. lcns]);
    }

    public override ClusterRun At(Vcn vcn)
    {
        // The run that holds a cluster is the first one that ends behind it.
        int found = Array.BinarySearch(_ends, vcn.Value + 1);
        int index = found < 0 ? ~found : found;
        if (index == _ends.Length || vcn.CompareTo(_first) < 0)
        {
            throw Fault(ImageFaultKind.Truncated, "", _origin, $"the runs map {_first} to {End}, and {vcn} is asked for");
        }

        long start = index == 0 ? _first.Value : _ends[index - 1];
        long clusters = _ends[index] - vcn.Value;
        return _lcns[index] == Hole
            ? new ClusterRun(null, clusters)
            : new ClusterRun(new Lcn(_lcns[index] + (vcn.Value - start)), clusters);
    }

    /// <summary>Reads a signed number of 0 to 8 bytes.</summary>
    private static long Number(ReadOnlySpan<byte> pairs, ref int at, int size, int start, long origin)
    {
        if (size > sizeof(long) || size > pairs.Length - at)
        {
            throw Fault(ImageFaultKind.Truncated, "Header", origin + start, $"a number of {size} bytes, {pairs.Length - at} left");
        }

        long value = 0;
        for (int i = size - 1; i >= 0; i--)
        {
            value = i == size - 1 ? unchecked((sbyte)pairs[at + i]) : (value << 8) | pairs[at + i];
        }

        at += size;
        return value;
    }

    private static ImageFormatException Fault(ImageFaultKind kind, string field, long offset, string detail)
        => new(new ImageFault(kind, Structure, field, offset, detail));
}
