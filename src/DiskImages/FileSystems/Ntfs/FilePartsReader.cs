namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>Reads the attributes of a file from its record and from all records that continue it.</summary>
/// <remarks>
/// Where a file has an attribute list, guests find its attributes by the list and not by looking: what the list does not name, or names in vain, or names
/// twice, is a fault, and is read all the same.
/// </remarks>
internal sealed class FilePartsReader(NtfsGeometry geometry, MasterFileTable table)
{
    /// <summary>How many records that belong to another file, or to none, end the reading of a list.</summary>
    private const int MaxStrangers = 4;

    /// <summary>Reads a file's attributes.</summary>
    /// <param name="file">The file.</param>
    /// <param name="slot">Its record's bytes, already restored.</param>
    /// <param name="record">Its record's header.</param>
    /// <param name="origin">Its record's offset on the volume.</param>
    /// <param name="allowance">What may be read to follow the list.</param>
    /// <param name="claims">Is told of the records that continue the file, where somebody wants to know.</param>
    /// <param name="onFault">Is told of what is wrong; the rest is read all the same.</param>
    public FileParts Read(
        FileReference file, ReadOnlySpan<byte> slot, FileRecord record, long origin, ExtensionAllowance allowance, ExtensionClaims? claims, Action<ImageFault> onFault)
    {
        FileParts parts = new();
        ReadList(slot, record, origin, allowance, parts, onFault);
        ReadRecord(slot, record, origin, file, parts, onFault);
        if (parts.Listed is not null)
        {
            ReadOthers(file, origin, allowance, claims, parts, onFault);
            Compare(origin, parts, onFault);
        }

        return parts;
    }

    /// <summary>Reads the names that a file's own record holds.</summary>
    public List<FileNameAttribute> ReadOwnNames(FileReference file, ReadOnlySpan<byte> slot, FileRecord record, long origin)
    {
        FileParts parts = new();
        ReadRecord(slot, record, origin, file, parts, static _ => { });
        return parts.Names;
    }

    private void ReadList(ReadOnlySpan<byte> slot, FileRecord record, long origin, ExtensionAllowance allowance, FileParts parts, Action<ImageFault> onFault)
    {
        try
        {
            AttributeWalk walk = new(slot, record, origin);
            while (walk.MoveNext())
            {
                if (walk.Current.Type != AttributeType.AttributeList)
                {
                    continue;
                }

                long size = walk.Current.IsNonResident ? walk.Current.DataSize : walk.Current.Value.Length;
                if (!allowance.TryTake(1 + (size / geometry.RecordSize)))
                {
                    onFault(Exhausted(origin));
                    return;
                }

                parts.List = AttributeListReader.Read(walk.Current, geometry);
                parts.Listed = [.. parts.List];
                parts.Unmet.UnionWith(parts.List);
                return;
            }
        }
        catch (ImageFormatException e) when (e.Fault.Structure is not "Attribute" and not FileRecord.Structure)
        {
            onFault(e.Fault);
        }
        catch (ImageFormatException)
        {
            // The walk for all attributes meets the same damage, and reports it.
        }
    }

    private void ReadOthers(
        FileReference file, long origin, ExtensionAllowance allowance, ExtensionClaims? claims, FileParts parts, Action<ImageFault> onFault)
    {
        byte[]? room = null;
        int strangers = 0;
        foreach (FileReference other in parts.List.Select(static entry => entry.Holder).Where(holder => holder.Record != file.Record).Distinct())
        {
            if (!allowance.TryTake(1))
            {
                onFault(Exhausted(origin));
                return;
            }

            room ??= new byte[geometry.RecordSize];
            try
            {
                long otherOrigin = table.ReadPartOf(file, other, room, out FileRecord part);
                claims?.Claim(other.Record);
                ReadRecord(room, part, otherOrigin, other, parts, onFault);
            }
            catch (ImageFormatException e)
            {
                onFault(e.Fault);
                if (++strangers == MaxStrangers)
                {
                    onFault(new ImageFault(
                        ImageFaultKind.LimitExceeded, AttributeListReader.Structure, "SegmentReference", origin,
                        $"{MaxStrangers} of the records that it names are not the file's; the rest of the list is not followed"));
                    return;
                }
            }
        }
    }

    private void ReadRecord(ReadOnlySpan<byte> slot, FileRecord record, long origin, FileReference holder, FileParts parts, Action<ImageFault> onFault)
    {
        if (record.Torn is { } torn)
        {
            onFault(torn);
        }

        try
        {
            AttributeWalk walk = new(slot, record, origin);
            while (walk.MoveNext())
            {
                Read(walk.Current, origin, IsListed(walk.Current, holder, parts), parts);
            }
        }
        catch (ImageFormatException e)
        {
            // What came before the damage still is this file's.
            onFault(e.Fault);
        }
    }

    private static bool IsListed(NtfsAttribute attribute, FileReference holder, FileParts parts)
    {
        if (parts.Listed is null || attribute.Type == AttributeType.AttributeList)
        {
            return true;
        }

        AttributeListEntry entry = new(attribute.Type, attribute.Name, attribute.LowestVcn, holder);
        parts.Unmet.Remove(entry);
        bool isListed = parts.Listed.Contains(entry);
        parts.Unlisted += isListed ? 0 : 1;
        return isListed;
    }

    private void Read(NtfsAttribute attribute, long origin, bool isListed, FileParts parts)
    {
        switch (attribute.Type)
        {
            case AttributeType.StandardInformation:
                parts.Information = StandardInformation.Parse(attribute.Value, attribute.ValueOrigin);
                break;
            case AttributeType.FileName:
                parts.Names.Add(FileNameAttribute.Parse(attribute.Value, attribute.ValueOrigin));
                break;
            case AttributeType.Data when attribute.LowestVcn.Value == 0:
                parts.Streams.Add(StreamDraft.From(attribute, origin, geometry, isListed));
                break;
            case AttributeType.ReparsePoint when !attribute.IsNonResident:
                parts.ReparseTag = ReparsePoint.ParseTag(attribute.Value, attribute.ValueOrigin);
                break;
            case AttributeType.ReparsePoint:
                Span<byte> tag = stackalloc byte[sizeof(uint)];
                new NonResidentSource(geometry, attribute.DecodeRuns(geometry), attribute.DataSize, attribute.InitializedSize)
                    .ReadExactly(0, tag, nameof(ReparsePoint));
                parts.ReparseTag = ReparsePoint.ParseTag(tag, origin);
                break;
            default:
                break;
        }
    }

    /// <summary>Compares the list with what was found; each kind of difference is one fault, however often it is met.</summary>
    private static void Compare(long origin, FileParts parts, Action<ImageFault> onFault)
    {
        if (parts.Unlisted > 0)
        {
            onFault(Difference(ImageFaultKind.Mismatch, $"it does not name {parts.Unlisted} attributes that the file's records hold"));
        }

        if (parts.Unmet.Count > 0)
        {
            AttributeListEntry entry = parts.Unmet.First();
            onFault(Difference(
                ImageFaultKind.Missing,
                $"{parts.Unmet.Count} attributes that it names are not there, the first being the {entry.Type} attribute of {entry.LowestVcn} in {entry.Holder}"));
        }

        if (parts.List.Where(static entry => entry.Type == AttributeType.Data).GroupBy(static entry => (entry.Name, entry.LowestVcn)).Any(static same => same.Count() > 1))
        {
            onFault(Difference(ImageFaultKind.InvalidValue, "it names two attributes for the same clusters of a stream"));
        }

        ImageFault Difference(ImageFaultKind kind, string detail) => new(kind, AttributeListReader.Structure, "", origin, detail);
    }

    private static ImageFault Exhausted(long origin) => new(
        ImageFaultKind.LimitExceeded, AttributeListReader.Structure, "", origin, "the volume's lists name more than its table has room for; this one is not followed");
}
