namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>What the records of one file hold together.</summary>
internal sealed class FileParts
{
    public List<FileNameAttribute> Names { get; } = [];

    /// <summary>Gets the streams in the order in which they were met.</summary>
    public List<StreamDraft> Streams { get; } = [];

    /// <summary>Gets or sets the file's attribute list; empty for a file of one record.</summary>
    public List<AttributeListEntry> List { get; set; } = [];

    public StandardInformation Information { get; set; }

    public uint ReparseTag { get; set; }

    /// <summary>Gets the entries of the list; <see langword="null"/> where there is none that could be read.</summary>
    public HashSet<AttributeListEntry>? Listed { get; set; }

    /// <summary>Gets the entries of the list that no attribute was found for yet.</summary>
    public HashSet<AttributeListEntry> Unmet { get; } = [];

    /// <summary>Gets or sets how many attributes the list does not name.</summary>
    public int Unlisted { get; set; }
}
