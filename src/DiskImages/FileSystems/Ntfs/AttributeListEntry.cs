namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>One entry of an attribute list: which file record holds an attribute of a file that one record does not have room for.</summary>
/// <param name="Type">The attribute's type.</param>
/// <param name="Name">The attribute's name.</param>
/// <param name="LowestVcn">The first cluster that the attribute maps.</param>
/// <param name="Holder">The record that holds it.</param>
internal readonly record struct AttributeListEntry(AttributeType Type, string Name, Vcn LowestVcn, FileReference Holder)
{
    /// <summary>The longest list that Windows writes.</summary>
    public const int MaxListSize = 256 << 10;

    private const string Structure = "AttributeListEntry";
    private const int HeaderSize = 0x1A;

    private static class At
    {
        public const int Type = 0x00;
        public const int Length = 0x04;
        public const int NameLength = 0x06;
        public const int NameOffset = 0x07;
        public const int LowestVcn = 0x08;
        public const int SegmentReference = 0x10;
    }

    /// <summary>Reads a whole list.</summary>
    /// <param name="list">The list's bytes.</param>
    /// <param name="origin">The offset that faults count from: the volume's for a resident list, else the list's own.</param>
    public static List<AttributeListEntry> ParseAll(ReadOnlySpan<byte> list, long origin)
    {
        List<AttributeListEntry> entries = [];
        for (int at = 0; list.Length - at >= HeaderSize;)
        {
            FieldView view = new(list[at..], Structure, origin + at);
            int length = view.U16(At.Length);
            if (length < HeaderSize)
            {
                throw view.Fault(ImageFaultKind.InvalidValue, At.Length, $"{length} bytes are below {HeaderSize}");
            }

            view = new FieldView(view.Bytes(0, length, nameof(At.Length)), Structure, origin + at);
            int nameLength = view.U8(At.NameLength);
            entries.Add(new AttributeListEntry(
                (AttributeType)view.U32(At.Type),
                nameLength == 0 ? "" : NtfsText.Read(view.Bytes(view.U8(At.NameOffset), nameLength * sizeof(char), nameof(At.NameOffset))),
                new Vcn(view.I63(At.LowestVcn)),
                new FileReference(view.U64(At.SegmentReference))));
            at += length;
        }

        return entries;
    }
}
