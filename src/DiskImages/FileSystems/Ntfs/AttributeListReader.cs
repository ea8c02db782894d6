namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>Reads attribute lists and the attributes that they lead to.</summary>
internal static class AttributeListReader
{
    public const string Structure = "AttributeList";

    /// <summary>Reads the entries of a list, which may itself lie outside its record.</summary>
    public static List<AttributeListEntry> Read(NtfsAttribute list, NtfsGeometry geometry)
    {
        if (!list.IsNonResident)
        {
            return AttributeListEntry.ParseAll(list.Value, list.ValueOrigin);
        }

        long size = list.DataSize;
        RunList runs = list.DecodeRuns(geometry);
        long origin = runs.FirstStored is { } first ? geometry.OffsetOf(first) : 0;
        if (size > AttributeListEntry.MaxListSize)
        {
            throw new ImageFormatException(new ImageFault(
                ImageFaultKind.LimitExceeded, Structure, "DataSize", origin, $"{size} bytes are above {AttributeListEntry.MaxListSize}"));
        }

        byte[] bytes = new byte[size];
        new NonResidentSource(geometry, runs, size, Math.Min(size, list.InitializedSize)).ReadExactly(0, bytes, Structure);
        return AttributeListEntry.ParseAll(bytes, origin);
    }

    /// <summary>Finds, in the record that a list's entry names, the attribute that the entry means, and decodes its runs.</summary>
    /// <remarks>Type, name and first cluster find it. The attribute's own number would not: it is unique within one record only.</remarks>
    public static RunList FindRuns(ReadOnlySpan<byte> slot, FileRecord record, long origin, AttributeListEntry entry, NtfsGeometry geometry)
    {
        AttributeWalk walk = new(slot, record, origin);
        while (walk.MoveNext())
        {
            NtfsAttribute attribute = walk.Current;
            if (attribute.Type == entry.Type && attribute.IsNonResident && attribute.LowestVcn == entry.LowestVcn && attribute.Name == entry.Name)
            {
                return attribute.DecodeRuns(geometry);
            }
        }

        throw new ImageFormatException(new ImageFault(
            ImageFaultKind.Missing, Structure, "SegmentReference", origin, $"{entry.Holder} does not hold the {entry.Type} attribute of {entry.LowestVcn}"));
    }
}
