using System.Globalization;

namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>How the bytes of an extent are kept.</summary>
internal enum VmdkExtentKind
{
    /// <summary>Byte for byte, from an offset of a file.</summary>
    Flat,

    /// <summary>In a hosted sparse extent.</summary>
    Sparse,

    /// <summary>Nowhere: the extent is all zeros.</summary>
    Zero,

    /// <summary>In a way that is not read here.</summary>
    Other,
}

/// <summary>One line of a descriptor's extent list: <c>RW 4192256 FLAT "disk-f001.vmdk" 0</c>.</summary>
/// <remarks>Source: VMware Virtual Disk Format 1.1, "The Extent Descriptions".</remarks>
internal sealed record VmdkExtentLine
{
    private static readonly string[] AccessWords = ["RW", "RDONLY", "NOACCESS"];

    /// <summary>Gets the word of the line's first field: what the machine may do with the extent.</summary>
    public required string Access { get; init; }

    /// <summary>Gets the extent's size.</summary>
    public required SectorCount Size { get; init; }

    public required VmdkExtentKind Kind { get; init; }

    /// <summary>Gets the word that <see cref="Kind"/> was read from.</summary>
    public required string KindWord { get; init; }

    /// <summary>Gets the file's name as it stands in the image, hostile; empty for zeros.</summary>
    public required string FileName { get; init; }

    /// <summary>Gets where the extent begins in its file; only flat extents have one.</summary>
    public required SectorCount FileOffset { get; init; }

    /// <summary>Gets the offset of the line in the descriptor's file.</summary>
    public required long Origin { get; init; }

    public static bool Recognizes(string line)
    {
        ReadOnlySpan<char> rest = line;
        ReadOnlySpan<char> word = TakeWord(ref rest);
        foreach (string access in AccessWords)
        {
            if (word.Equals(access, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    public static VmdkExtentLine Parse(string line, long origin)
    {
        ReadOnlySpan<char> rest = line;
        string access = TakeWord(ref rest).ToString();
        SectorCount size = Sectors(TakeWord(ref rest), "Size", origin);
        string kindWord = TakeWord(ref rest).ToString();
        string file = TakeQuoted(ref rest, origin);
        ReadOnlySpan<char> offset = TakeWord(ref rest);
        return new VmdkExtentLine
        {
            Access = access,
            Size = size,
            Kind = KindOf(kindWord),
            KindWord = kindWord,
            FileName = file,
            FileOffset = offset.IsEmpty ? default : Sectors(offset, "Offset", origin),
            Origin = origin,
        };
    }

    /// <summary>A fault of the line.</summary>
    public ImageFault Fault(ImageFaultKind kind, string field, string detail)
        => new(kind, VmdkDescriptor.Structure, "Extent." + field, Origin, detail);

    private static VmdkExtentKind KindOf(string word) => word.ToUpperInvariant() switch
    {
        // VMFS is how ESX spells a flat extent; its line has no offset.
        "FLAT" or "VMFS" => VmdkExtentKind.Flat,
        "SPARSE" => VmdkExtentKind.Sparse,
        "ZERO" => VmdkExtentKind.Zero,
        _ => VmdkExtentKind.Other,
    };

    private static SectorCount Sectors(ReadOnlySpan<char> text, string field, long origin)
        => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= SectorCount.Max
            ? new SectorCount(value)
            : throw Fault(ImageFaultKind.InvalidValue, field, origin, $"\"{text}\" is not a number of sectors from 0 to {SectorCount.Max:N0}");

    private static ImageFormatException Fault(ImageFaultKind kind, string field, long origin, string detail)
        => new(new ImageFault(kind, VmdkDescriptor.Structure, "Extent." + field, origin, detail));

    private static ReadOnlySpan<char> TakeWord(ref ReadOnlySpan<char> text)
    {
        text = text.TrimStart();
        int end = text.IndexOfAny(' ', '\t');
        ReadOnlySpan<char> word = end < 0 ? text : text[..end];
        text = text[word.Length..];
        return word;
    }

    private static string TakeQuoted(ref ReadOnlySpan<char> text, long origin)
    {
        text = text.TrimStart();
        if (text.IsEmpty || text[0] != '"')
        {
            return "";
        }

        int end = text[1..].IndexOf('"');
        if (end < 0)
        {
            throw Fault(ImageFaultKind.InvalidValue, "FileName", origin, "the quoted name has no end");
        }

        string name = text.Slice(1, end).ToString();
        text = text[(end + 2)..];
        return name;
    }
}
