namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>Reads what the records of one file say together.</summary>
internal sealed class NtfsFileReader(NtfsGeometry geometry, MasterFileTable table, DirectoryPaths paths)
{
    /// <summary>NTFS allows 1,024 links to a file.</summary>
    private const int MaxNames = 1024;

    /// <summary>The longest list of paths that is built for one file; with more, the file is scanned all the same.</summary>
    private const int MaxPathCharacters = 1 << 20;

    private readonly FilePartsReader _parts = new(geometry, table);

    /// <summary>What may be read for the names of folders whose own records have no room for them.</summary>
    private readonly ExtensionAllowance _folders = new(table.RecordCount);

    /// <summary>Reads a file.</summary>
    /// <param name="number">The number of its record.</param>
    /// <param name="slot">The record's bytes, already restored.</param>
    /// <param name="record">The record's header.</param>
    /// <param name="origin">The record's offset on the volume.</param>
    /// <param name="allowance">What may be read to follow the file's attribute list.</param>
    /// <param name="claims">Is told of the records that continue the file, where somebody wants to know.</param>
    /// <param name="onFault">Is told of what is wrong; the rest is read all the same.</param>
    /// <returns>The file; <see langword="null"/> for a record that is set aside for the file system and not used.</returns>
    public FileEntry? Read(
        long number, ReadOnlySpan<byte> slot, FileRecord record, long origin, ExtensionAllowance allowance, ExtensionClaims? claims, Action<ImageFault> onFault)
    {
        FileReference file = new(number, record.Sequence);
        FileParts parts = _parts.Read(file, slot, record, origin, allowance, claims, onFault);
        if (number < MasterFileTable.FirstUserRecord && parts.Names.Count == 0 && parts.Streams.TrueForAll(static stream => stream.IsEmpty))
        {
            return null;
        }

        List<string> names = PathsOf(file, parts.Names, origin, onFault, out bool isUnderExtend);
        bool isInternal = number < MasterFileTable.FirstSpareRecord || isUnderExtend;
        CheckStreams(record, origin, isInternal, parts.Streams, onFault);
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
                .. parts.Streams.OrderBy(static draft => draft.Name.Length != 0).ThenBy(static draft => !draft.IsListed).Select(draft => draft.ToStream(
                    draft.Name.Length == 0 ? replacement : null,
                    isInternal && MetadataStreams.IsMetadata(number, names, draft.Name),
                    draft.IsListed ? SegmentsOf(file, draft.Name, parts.List) : null)),
            ],
        };
    }

    /// <summary>Reads the name of a folder, which has but one beside its short twin.</summary>
    public DirectoryPaths.FolderName? ReadFolderName(long number, ReadOnlySpan<byte> slot, FileRecord record, long origin)
    {
        FileReference file = new(number, record.Sequence);
        List<FileNameAttribute> names = _parts.ReadOwnNames(file, slot, record, origin);
        if (names.TrueForAll(static name => name.IsShort))
        {
            names = _parts.Read(file, slot, record, origin, _folders, claims: null, static _ => { }).Names;
        }

        if (names.Count == 0)
        {
            return null;
        }

        int index = Math.Max(0, names.FindIndex(static name => !name.IsShort));
        return new DirectoryPaths.FolderName(record.Sequence, names[index].Parent, names[index].Name);
    }

    /// <summary>Reports what no sound file is: one without a content, or with two of the same name.</summary>
    private static void CheckStreams(FileRecord record, long origin, bool isInternal, List<StreamDraft> streams, Action<ImageFault> onFault)
    {
        if (!isInternal && !record.IsDirectory && !streams.Exists(static stream => stream.Name.Length == 0))
        {
            onFault(new ImageFault(ImageFaultKind.Missing, FileRecord.Structure, "Data", origin, "the file has no content, not even an empty one"));
        }

        if (streams.Count > 1 && streams.DistinctBy(static stream => stream.Name).Count() < streams.Count)
        {
            onFault(new ImageFault(ImageFaultKind.InvalidValue, FileRecord.Structure, "Data", origin, "the file has two contents of the same name"));
        }
    }

    private List<string> PathsOf(
        FileReference file, List<FileNameAttribute> names, long origin, Action<ImageFault> onFault, out bool isUnderExtend)
    {
        isUnderExtend = false;
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
        isUnderExtend = names.Count > 0;
        foreach (FileNameAttribute name in names)
        {
            if (result.Count == MaxNames || characters > MaxPathCharacters)
            {
                onFault(new ImageFault(
                    ImageFaultKind.LimitExceeded, FileRecord.Structure, "FileName", origin,
                    $"{names.Count} names: more than {MaxNames}, or more than {MaxPathCharacters} characters of paths"));
                isUnderExtend = false;
                break;
            }

            // One name that a guest sees makes it a guest's file.
            string path = paths.PathOf(name, out bool isInternal);
            isUnderExtend &= isInternal;
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
