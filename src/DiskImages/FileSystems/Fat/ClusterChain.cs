namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>The clusters of a file, found by following the table once, and checked on the way.</summary>
/// <remarks>
/// A chain may have 268 million links in any order, and a file may be read from anywhere: the chain keeps a bounded number of its places, at an
/// even stride, and the place where the last read ended. Safe for concurrent use.
/// </remarks>
internal sealed class ClusterChain
{
    private const string Structure = "ClusterChain";
    private const int MaxWaypoints = 1024;
    private const int MinStride = 64;

    private readonly FatTable _table;
    private readonly long _stride;
    private readonly uint[] _waypoints;
    private Place _last;

    /// <param name="table">The table.</param>
    /// <param name="first">The first cluster.</param>
    /// <param name="clusters">How many clusters the file's size needs, at least 1: the chain is not followed further.</param>
    /// <param name="origin">The offset of the directory entry that names the first cluster.</param>
    /// <exception cref="ImageFormatException">The chain is too short, leaves the volume, or comes back to itself.</exception>
    public ClusterChain(FatTable table, uint first, long clusters, long origin)
    {
        if (!table.IsCluster(first))
        {
            throw new ImageFormatException(new ImageFault(
                ImageFaultKind.InvalidValue, "DirectoryEntry", "FirstCluster", origin, $"{first} is no cluster of the volume"));
        }

        _table = table;
        _stride = Math.Max(MinStride, (clusters + MaxWaypoints - 1) / MaxWaypoints);
        _waypoints = new uint[((clusters - 1) / _stride) + 1];
        _last = new Place(0, first);
        Walk(first, clusters);
    }

    private sealed record Place(long Index, uint Cluster);

    /// <summary>Finds clusters that lie one behind the other on the volume.</summary>
    /// <param name="index">The place in the chain of the first one, from 0.</param>
    /// <param name="most">How many are wanted at most; the chain has that many behind <paramref name="index"/>.</param>
    /// <returns>The first one's number, and how many there are.</returns>
    public (uint First, long Count) RunAt(long index, long most)
    {
        uint first = Find(index);
        uint cluster = first;
        long count = 1;
        while (count < most && _table[cluster].Value == cluster + 1)
        {
            cluster++;
            count++;
        }

        Volatile.Write(ref _last, new Place(index + count - 1, cluster));
        return (first, count);
    }

    /// <summary>Follows the whole chain. A loop is found by Brent's method: a mark that is set anew at each power of two is met again.</summary>
    private void Walk(uint first, long clusters)
    {
        uint cluster = first;
        uint mark = 0;
        for (long index = 0; ; index++)
        {
            if (index % _stride == 0)
            {
                _waypoints[index / _stride] = cluster;
            }

            if (index == clusters - 1)
            {
                return;
            }

            if (long.IsPow2(index))
            {
                mark = cluster;
            }

            uint next = Next(cluster, index, clusters);
            if (next == mark)
            {
                throw Fault(ImageFaultKind.Loop, cluster, $"cluster {cluster} is followed by {next}, where the chain has been before");
            }

            cluster = next;
        }
    }

    private uint Next(uint cluster, long index, long clusters)
    {
        FatEntry entry = _table[cluster];
        return entry.Kind switch
        {
            FatEntryKind.Next => entry.Value,
            FatEntryKind.EndOfChain => throw Fault(
                ImageFaultKind.Truncated, cluster, $"the chain ends after {index + 1} clusters, the size needs {clusters}"),
            _ => throw Fault(
                ImageFaultKind.InvalidValue, cluster, $"cluster {cluster} is followed by 0x{entry.Value:X}, which is {FatEntry.Describe(entry.Kind)}"),
        };
    }

    private uint Find(long index)
    {
        Place place = Volatile.Read(ref _last);
        long waypoint = index / _stride;
        if (place.Index > index || place.Index < waypoint * _stride)
        {
            place = new Place(waypoint * _stride, _waypoints[waypoint]);
        }

        uint cluster = place.Cluster;
        for (long at = place.Index; at < index; at++)
        {
            cluster = _table[cluster].Value;
        }

        return cluster;
    }

    private ImageFormatException Fault(ImageFaultKind kind, uint cluster, string detail)
        => new(new ImageFault(kind, Structure, "", _table.EntryOffset(cluster), detail));
}
