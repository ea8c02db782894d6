namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>The runs of a stream whose map is spread over several file records, decoded one record at a time when they are needed.</summary>
/// <remarks>However fragmented a file is, it costs the memory of its attribute list and of one record's runs.</remarks>
internal sealed class SegmentedRuns : ClusterMap
{
    private readonly MasterFileTable _table;
    private readonly NtfsGeometry _geometry;
    private readonly FileReference _file;
    private readonly AttributeListEntry[] _segments;
    private readonly Vcn[] _starts;
    private Segment? _last;

    /// <param name="table">The table that holds the records.</param>
    /// <param name="geometry">The volume's units.</param>
    /// <param name="file">The file; every record must say that it belongs to it.</param>
    /// <param name="segments">The entries for the stream, by their first cluster, which is 0 for the first one.</param>
    public SegmentedRuns(MasterFileTable table, NtfsGeometry geometry, FileReference file, AttributeListEntry[] segments)
    {
        _table = table;
        _geometry = geometry;
        _file = file;
        _segments = segments;
        _starts = Array.ConvertAll(segments, static segment => segment.LowestVcn);
    }

    private sealed record Segment(int Index, RunList Runs);

    public override ClusterRun At(Vcn vcn)
    {
        int index = Array.BinarySearch(_starts, vcn);
        index = index < 0 ? ~index - 1 : index;
        Segment? segment = Volatile.Read(ref _last);
        if (segment?.Index != index)
        {
            segment = new Segment(index, Load(index));
            Volatile.Write(ref _last, segment);
        }

        return segment.Runs.At(vcn);
    }

    private RunList Load(int index)
    {
        AttributeListEntry entry = _segments[index];
        byte[] slot = new byte[_geometry.RecordSize];
        long origin = _table.ReadPartOf(_file, entry.Holder, slot, out FileRecord record);
        RunList runs = AttributeListReader.FindRuns(slot, record, origin, entry, _geometry);

        // Where two records map the same clusters, a guest may believe either.
        return index == _starts.Length - 1 || runs.End == _starts[index + 1]
            ? runs
            : throw new ImageFormatException(new ImageFault(
                ImageFaultKind.Mismatch, "AttributeList", "LowestVcn", origin, $"the runs of {entry.Holder} end at {runs.End}, and the next begin at {_starts[index + 1]}"));
    }
}
