namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>What the flags of a file record say.</summary>
[Flags]
internal enum FileRecordFlags : ushort
{
    InUse = 0x1,
    Directory = 0x2,
}

/// <summary>What a slot of the master file table holds, by its first four bytes.</summary>
internal enum FileRecordMark
{
    /// <summary>"FILE": a record, in use or not.</summary>
    File,

    /// <summary>"BAAD": chkdsk found the record torn.</summary>
    Bad,

    /// <summary>Zeros: the slot was never used.</summary>
    Blank,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>Header of a file record: little-endian; its attributes follow.</summary>
/// <remarks>Source: [MS-FSA] for the meaning; the layout is that of NTFS 3.0 and 3.1.</remarks>
internal readonly record struct FileRecord
{
    public const string Structure = "FileRecord";

    /// <summary>Where the fields about the update sequence stand.</summary>
    public const int UpdateSequenceField = At.UpdateSequenceOffset;

    /// <summary>Where the field stands that tells where the attributes end.</summary>
    public const int BytesInUseField = At.BytesInUse;

    private const int HeaderSize = 0x30;

    private static class At
    {
        public const int UpdateSequenceOffset = 0x04;
        public const int UpdateSequenceSize = 0x06;
        public const int SequenceNumber = 0x10;
        public const int FirstAttributeOffset = 0x14;
        public const int Flags = 0x16;
        public const int BytesInUse = 0x18;
        public const int BaseFileRecord = 0x20;
    }

    /// <summary>Gets the record that this one continues; all zeros for one that stands for itself.</summary>
    public required FileReference Base { get; init; }

    /// <summary>Gets how much of the record holds its header and its attributes.</summary>
    public required int BytesInUse { get; init; }

    public required int FirstAttribute { get; init; }

    public required FileRecordFlags Flags { get; init; }

    /// <summary>Gets how often the record has been used.</summary>
    public required ushort Sequence { get; init; }

    /// <summary>Gets what is wrong with the record, if it was torn while it was written.</summary>
    public required ImageFault? Torn { get; init; }

    public bool IsInUse => Flags.HasFlag(FileRecordFlags.InUse);

    public bool IsDirectory => Flags.HasFlag(FileRecordFlags.Directory);

    /// <summary>Gets a value indicating whether the record only continues another one.</summary>
    public bool IsExtension => Base.Value != 0;

    public static FileRecordMark MarkOf(ReadOnlySpan<byte> slot)
    {
        ReadOnlySpan<byte> mark = slot[..4];
        return mark.SequenceEqual("FILE"u8) ? FileRecordMark.File
            : mark.SequenceEqual("BAAD"u8) ? FileRecordMark.Bad
            : mark.IndexOfAnyExcept((byte)0) < 0 ? FileRecordMark.Blank
            : FileRecordMark.Other;
    }

    /// <summary>Reads a record's header, after putting back the bytes that the update sequence keeps.</summary>
    /// <param name="slot">The record's bytes, which are changed.</param>
    /// <param name="origin">Their offset on the volume.</param>
    public static FileRecord Parse(Span<byte> slot, long origin)
    {
        FieldView view = new(slot, Structure, origin);
        ImageFault? torn = UpdateSequence.Restore(slot, origin, view.U16(At.UpdateSequenceOffset), view.U16(At.UpdateSequenceSize));
        uint inUse = view.U32(At.BytesInUse);
        if (inUse is < HeaderSize || inUse > slot.Length)
        {
            throw view.Fault(ImageFaultKind.InvalidValue, At.BytesInUse, $"{inUse} bytes are not from {HeaderSize} to {slot.Length}");
        }

        ushort first = view.U16(At.FirstAttributeOffset);
        if (first < 0x28 || first > inUse - 4)
        {
            throw view.Fault(ImageFaultKind.InvalidValue, At.FirstAttributeOffset, $"0x{first:X} does not lie in the record's {inUse} bytes");
        }

        return new FileRecord
        {
            Base = new FileReference(view.U64(At.BaseFileRecord)),
            BytesInUse = (int)inUse,
            FirstAttribute = first,
            Flags = (FileRecordFlags)view.U16(At.Flags),
            Sequence = view.U16(At.SequenceNumber),
            Torn = torn,
        };
    }
}
