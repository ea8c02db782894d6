namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>A stream as its first attribute describes it, before all is known of its file.</summary>
internal sealed class StreamDraft
{
    private readonly NtfsGeometry _geometry;

    private StreamDraft(NtfsGeometry geometry, string name, long origin)
    {
        _geometry = geometry;
        Name = name;
        FirstOffset = origin;
    }

    public string Name { get; }

    /// <summary>Gets a value indicating whether the file's attribute list names the attribute, or there is no list.</summary>
    public required bool IsListed { get; init; }

    /// <summary>Gets a value indicating whether the stream is the unnamed one and holds nothing.</summary>
    public bool IsEmpty => Name.Length == 0 && Length == 0 && Fault is null;

    private long Length { get; set; }

    private long Initialized { get; set; }

    private long StoredLength { get; set; }

    private long FirstOffset { get; set; }

    private int? CompressionUnit { get; set; }

    private byte[]? Value { get; set; }

    private RunList? Runs { get; set; }

    private ImageFault? Fault { get; set; }

    /// <summary>Reads a data attribute that begins a stream; what is wrong with it becomes the stream's fault.</summary>
    /// <param name="attribute">The attribute.</param>
    /// <param name="origin">The volume offset of its record.</param>
    /// <param name="geometry">The volume's units.</param>
    /// <param name="isListed">Whether the file's attribute list names the attribute, or there is no list.</param>
    /// <exception cref="ImageFormatException">Not even the stream's name can be read.</exception>
    public static StreamDraft From(NtfsAttribute attribute, long origin, NtfsGeometry geometry, bool isListed)
    {
        StreamDraft draft = new(geometry, attribute.Name, origin) { IsListed = isListed };
        try
        {
            if (attribute.IsNonResident)
            {
                draft.ReadNonResident(attribute);
            }
            else
            {
                draft.Value = attribute.Value.ToArray();
                draft.FirstOffset = attribute.ValueOrigin;
                draft.Length = draft.StoredLength = draft.Initialized = draft.Value.Length;
            }
        }
        catch (ImageFormatException e)
        {
            draft.Fault = e.Fault;
        }

        return draft;
    }

    /// <summary>Makes the stream.</summary>
    /// <param name="replacement">Why the file's own stream is not its content, where something else is.</param>
    /// <param name="isMetadata">Whether the stream belongs to the file system itself.</param>
    /// <param name="segments">Finds the clusters of a stream that further records continue; <see langword="null"/> if none does.</param>
    public DataStream ToStream(string? replacement, bool isMetadata, Func<ClusterMap>? segments)
    {
        ImageFault? fault = replacement is null ? Fault : Unsupported(replacement);
        if (fault is not null)
        {
            return new UnreadableStream
            {
                Name = Name, Length = Length, StoredLength = StoredLength, FirstOffset = FirstOffset, IsMetadata = isMetadata, Fault = fault,
            };
        }

        if (Value is not null)
        {
            return new ResidentStream(Value)
            {
                Name = Name, Length = Length, StoredLength = StoredLength, FirstOffset = FirstOffset, IsMetadata = isMetadata,
            };
        }

        RunList runs = Runs!;
        return new NonResidentStream(_geometry, segments ?? (() => runs))
        {
            Name = Name,
            Length = Length,
            StoredLength = segments is null ? StoredLength : Length,
            FirstOffset = FirstOffset,
            Initialized = Initialized,
            CompressionUnit = CompressionUnit,
            IsMetadata = isMetadata,
        };
    }

    private void ReadNonResident(NtfsAttribute attribute)
    {
        Length = attribute.DataSize;
        Initialized = Math.Min(attribute.InitializedSize, Length);
        Runs = attribute.DecodeRuns(_geometry);
        FirstOffset = Runs.FirstStored is { } first ? _geometry.OffsetOf(first) : FirstOffset;
        StoredLength = Math.Min(Length, Runs.StoredClusters * _geometry.ClusterSize);
        if (attribute.Flags.HasFlag(AttributeFlags.Encrypted))
        {
            Fault = Unsupported("the stream is encrypted (EFS)");
        }
        else if (attribute.Flags.HasFlag(AttributeFlags.Compressed))
        {
            CompressionUnit = UnitOf(attribute);
        }
    }

    private int UnitOf(NtfsAttribute attribute)
    {
        int unit = attribute.CompressionUnit == 0 ? CompressedSource.DefaultUnitExponent : attribute.CompressionUnit;
        return unit <= CompressedSource.MaxUnitExponent && _geometry.ClusterSize <= CompressedSource.MaxClusterSize
            ? unit
            : throw new ImageFormatException(new ImageFault(
                ImageFaultKind.InvalidValue, "Attribute", "CompressionUnit", FirstOffset,
                $"units of 2^{unit} clusters of {_geometry.ClusterSize} bytes; NTFS compresses 2^4 of up to {CompressedSource.MaxClusterSize}"));
    }

    private ImageFault Unsupported(string detail) => new(ImageFaultKind.Unsupported, "Attribute", "Data", FirstOffset, detail);
}
