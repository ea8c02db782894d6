namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>A file or a folder as its folder's entries describe it.</summary>
/// <param name="Origin">The offset of its short entry on the volume.</param>
/// <param name="Name">Its long name, or the short one if it has no other; hostile.</param>
/// <param name="Attributes">Its attributes.</param>
/// <param name="FirstCluster">Its first cluster as it is stored; 0 for an empty file.</param>
/// <param name="Size">Its size in bytes; 0 for a folder.</param>
/// <param name="Times">Its times.</param>
/// <param name="IsEncrypted">Whether its content is encrypted by EFS.</param>
internal sealed record FatFile(
    long Origin, string Name, EntryAttributes Attributes, uint FirstCluster, uint Size, FileTimes Times, bool IsEncrypted)
{
    public bool IsDirectory => Attributes.HasFlag(EntryAttributes.Directory);

    /// <summary>Lists what a folder holds, up to its end mark.</summary>
    public static IEnumerable<FatFile> ReadAll(FatFolder folder, FatKind kind)
    {
        LongName longName = new();
        foreach ((long origin, byte[] block) in folder.ReadBlocks())
        {
            for (int at = 0; at < block.Length; at += DirectoryEntry.Size)
            {
                if (block[at] == DirectoryEntry.EndMark)
                {
                    yield break;
                }

                if (Read(block.AsSpan(at, DirectoryEntry.Size), origin + at, longName, kind) is { } file)
                {
                    yield return file;
                }
            }
        }
    }

    private static FatFile? Read(ReadOnlySpan<byte> bytes, long origin, LongName longName, FatKind kind)
    {
        DirectoryEntry entry = new(bytes);
        if (entry.Mark == DirectoryEntry.DeletedMark)
        {
            longName.Clear();
            return null;
        }

        if ((entry.Attributes & EntryAttributes.LongNameMask) == EntryAttributes.LongName)
        {
            longName.Add(bytes);
            return null;
        }

        string? name = longName.TakeFor(entry.Checksum);
        if (entry.Attributes.HasFlag(EntryAttributes.VolumeLabel) || entry.IsDot)
        {
            return null;
        }

        return new FatFile(
            origin, name ?? entry.ShortName, entry.Attributes, entry.FirstCluster(kind), entry.IsDirectory ? 0 : entry.FileSize, entry.Times, entry.IsEncrypted);
    }
}
