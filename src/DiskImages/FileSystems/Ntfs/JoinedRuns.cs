namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>The runs of several attributes, each of which goes on where the one before ends; complete before it is shared.</summary>
internal sealed class JoinedRuns(RunList first) : ClusterMap
{
    private readonly List<RunList> _lists = [first];
    private readonly List<Vcn> _ends = [first.End];

    /// <summary>Gets the cluster behind the last one that is mapped.</summary>
    public Vcn End => _ends[^1];

    public void Add(RunList next)
    {
        _lists.Add(next);
        _ends.Add(next.End);
    }

    public override ClusterRun At(Vcn vcn)
    {
        int found = _ends.BinarySearch(new Vcn(vcn.Value + 1));
        int index = found < 0 ? ~found : found;
        return _lists[Math.Min(index, _lists.Count - 1)].At(vcn);
    }
}
