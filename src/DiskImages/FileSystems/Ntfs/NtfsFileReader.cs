namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>Reads what the records of one file say together.</summary>
internal sealed class NtfsFileReader(NtfsGeometry geometry, MasterFileTable table, DirectoryPaths paths)
{
    /// <summary>NTFS allows 1,024 links to a file.</summary>
    private const int MaxNames = 1024;

    /// <summary>The longest list of paths that is built for one file; with more, the file is scanned all the same.</summary>
    private const int MaxPathCharacters = 1 << 20;

    /// <summary>What the records of a file hold.</summary>
    private sealed class Parts
    {
        public List<FileNameAttribute> Names { get; } = [];

        public List<StreamDraft> Streams { get; } = [];

        public List<AttributeListEntry> List { get; set; } = [];

        public StandardInformation Information { get; set; }

        public uint ReparseTag { get; set; }
    }

    /// <summary>Reads a file.</summary>
    /// <param name="number">The number of its record.</param>
    /// <param name="slot">The record's bytes, already restored.</param>
    /// <param name="record">The record's header.</param>
    /// <param name="origin">The record's offset on the volume.</param>
    /// <param name="onFault">Is told of what is wrong; the rest is read all the same.</param>
    /// <returns>The file; <see langword="null"/> for a record that is set aside for the file system and not used.</returns>
    public FileEntry? Read(long number, ReadOnlySpan<byte> slot, FileRecord record, long origin, Action<ImageFault> onFault)
    {
        FileReference file = new(number, record.Sequence);
        Parts parts = Collect(file, slot, record, origin, onFault);
        bool isInternal = number < MasterFileTable.FirstUserRecord;
        if (isInternal && parts.Names.Count == 0 && parts.Streams.TrueForAll(static stream => stream.Name.Length == 0))
        {
            return null;
        }

        List<string> names = PathsOf(file, parts.Names, origin, onFault, ref isInternal);
        string? replacement = ReparsePoint.ReplacesContent(parts.ReparseTag, parts.Information.Attributes);
        return new FileEntry
        {
            Id = file.Value,
            Paths = names,
            IsDirectory = record.IsDirectory,
            IsMetadata = isInternal && number != DirectoryPaths.RootRecord,
            Attributes = parts.Information.Attributes,
            ReparseTag = parts.ReparseTag,
            Times = parts.Information.Times,
            LastUsn = parts.Information.Usn,
            Streams =
            [
                .. parts.Streams.OrderBy(static draft => draft.Name.Length != 0).Select(draft => draft.ToStream(
                    draft.Name.Length == 0 ? replacement : null,
                    isInternal && MetadataStreams.IsMetadata(number, draft.Name),
                    SegmentsOf(file, draft.Name, parts.List))),
            ],
        };
    }

    /// <summary>Reads the name of a folder, which has but one beside its short twin.</summary>
    public DirectoryPaths.FolderName? ReadFolderName(long number, ReadOnlySpan<byte> slot, FileRecord record, long origin)
    {
        List<FileNameAttribute> names = Collect(new FileReference(number, record.Sequence), slot, record, origin, static _ => { }).Names;
        if (names.Count == 0)
        {
            return null;
        }

        int index = Math.Max(0, names.FindIndex(static name => !name.IsShort));
        return new DirectoryPaths.FolderName(record.Sequence, names[index].Parent, names[index].Name);
    }

    /// <summary>Reads the attributes of a file from its record and from all that continue it.</summary>
    private Parts Collect(FileReference file, ReadOnlySpan<byte> slot, FileRecord record, long origin, Action<ImageFault> onFault)
    {
        Parts parts = new();
        CollectFrom(slot, record, origin, parts, onFault);
        IEnumerable<FileReference> others = parts.List
            .Where(static entry => entry.LowestVcn.Value == 0)
            .Select(static entry => entry.Holder)
            .Where(holder => holder.Record != file.Record)
            .Distinct();
        byte[]? room = null;
        foreach (FileReference other in others)
        {
            room ??= new byte[geometry.RecordSize];
            try
            {
                long otherOrigin = table.ReadPartOf(file, other, room, out FileRecord part);
                CollectFrom(room, part, otherOrigin, parts, onFault);
            }
            catch (ImageFormatException e)
            {
                onFault(e.Fault);
            }
        }

        return parts;
    }

    private void CollectFrom(ReadOnlySpan<byte> slot, FileRecord record, long origin, Parts parts, Action<ImageFault> onFault)
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
                Collect(walk.Current, origin, parts);
            }
        }
        catch (ImageFormatException e)
        {
            // What came before the damage still is this file's.
            onFault(e.Fault);
        }
    }

    private void Collect(NtfsAttribute attribute, long origin, Parts parts)
    {
        switch (attribute.Type)
        {
            case AttributeType.StandardInformation:
                parts.Information = StandardInformation.Parse(attribute.Value, attribute.ValueOrigin);
                break;
            case AttributeType.AttributeList:
                parts.List = AttributeListReader.Read(attribute, geometry);
                break;
            case AttributeType.FileName:
                parts.Names.Add(FileNameAttribute.Parse(attribute.Value, attribute.ValueOrigin));
                break;
            case AttributeType.Data when attribute.LowestVcn.Value == 0:
                parts.Streams.Add(StreamDraft.From(attribute, origin, geometry));
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

    private List<string> PathsOf(
        FileReference file, List<FileNameAttribute> names, long origin, Action<ImageFault> onFault, ref bool isInternal)
    {
        if (file.Record == DirectoryPaths.RootRecord)
        {
            return ["."];
        }

        // The short twin counts only where there is nothing else to call the file by.
        if (names.Exists(static name => !name.IsShort))
        {
            names.RemoveAll(static name => name.IsShort);
        }

        List<string> result = [];
        int characters = 0;
        foreach (FileNameAttribute name in names)
        {
            if (result.Count == MaxNames || characters > MaxPathCharacters)
            {
                onFault(new ImageFault(
                    ImageFaultKind.LimitExceeded, FileRecord.Structure, "FileName", origin,
                    $"{names.Count} names: more than {MaxNames}, or more than {MaxPathCharacters} characters of paths"));
                break;
            }

            string path = paths.PathOf(name, out bool underInternal);
            isInternal |= underInternal;
            characters += path.Length;
            result.Add(path);
        }

        return result.Count > 0 ? result : [$"{DirectoryPaths.OrphanFolder}/{file.Record}"];
    }

    private Func<ClusterMap>? SegmentsOf(FileReference file, string stream, List<AttributeListEntry> list)
        => list.Exists(entry => entry.Type == AttributeType.Data && entry.LowestVcn.Value > 0 && entry.Name == stream)
            ? () => OpenSegments(file, stream)
            : null;

    /// <summary>Reads the file's attribute list again, so that a listed file need not keep its own.</summary>
    private SegmentedRuns OpenSegments(FileReference file, string stream)
    {
        byte[] slot = new byte[geometry.RecordSize];
        long origin = table.ReadPartOf(file, file, slot, out FileRecord record);
        AttributeWalk walk = new(slot, record, origin);
        while (walk.MoveNext())
        {
            if (walk.Current.Type == AttributeType.AttributeList)
            {
                AttributeListEntry[] segments =
                [
                    .. AttributeListReader.Read(walk.Current, geometry)
                        .Where(entry => entry.Type == AttributeType.Data && entry.Name == stream)
                        .OrderBy(static entry => entry.LowestVcn),
                ];
                if (segments.Length > 0 && segments[0].LowestVcn.Value == 0)
                {
                    return new SegmentedRuns(table, geometry, file, segments);
                }
            }
        }

        throw new ImageFormatException(new ImageFault(
            ImageFaultKind.Mismatch, FileRecord.Structure, "AttributeList", origin, $"it does not list the beginning of stream \"{stream}\""));
    }
}
