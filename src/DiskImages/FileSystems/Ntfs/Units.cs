namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>Logical cluster number: a cluster's place on the volume, from 0.</summary>
internal readonly record struct Lcn(long Value)
{
    public override string ToString() => $"LCN {Value}";
}

/// <summary>Virtual cluster number: a cluster's place in a stream, from 0.</summary>
internal readonly record struct Vcn(long Value) : IComparable<Vcn>
{
    public int CompareTo(Vcn other) => Value.CompareTo(other.Value);

    public override string ToString() => $"VCN {Value}";
}

/// <summary>A file's record number in the master file table, and how often that record has been used: the volume's name for a file.</summary>
/// <param name="Value">The record number in the low 48 bits, the sequence number in the high 16.</param>
internal readonly record struct FileReference(ulong Value)
{
    public FileReference(long record, ushort sequence)
        : this((ulong)record | ((ulong)sequence << 48))
    {
    }

    public long Record => (long)(Value & 0xFFFF_FFFF_FFFF);

    public ushort Sequence => (ushort)(Value >> 48);

    public override string ToString() => $"record {Record}, sequence {Sequence}";
}
