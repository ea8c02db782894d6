namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>A FAT volume, listed folder by folder from the root.</summary>
internal sealed class FatVolume : FileSystem
{
    private readonly ByteSource _volume;
    private readonly FatBootSector _boot;
    private readonly FatTable _table;

    public FatVolume(ByteSource volume, FatBootSector boot)
    {
        _volume = volume;
        _boot = boot;
        _table = new FatTable(volume, boot);
        Label = RootLabel() ?? boot.Label;
    }

    public override string Name => _boot.Kind switch
    {
        FatKind.Fat12 => "FAT12",
        FatKind.Fat16 => "FAT16",
        _ => "FAT32",
    };

    public override string Label { get; }

    public override ulong SerialNumber => _boot.SerialNumber;

    public override int ClusterSize => _boot.ClusterSize;

    public override long? CountUsedBytes() => _table.CountUsed() * _boot.ClusterSize;

    public override IEnumerable<FileEntry> EnumerateEntries(Action<ImageFault> onFault)
    {
        ArgumentNullException.ThrowIfNull(onFault);
        if (_boot.FaultOfLength(_volume.Length) is { } cut)
        {
            onFault(cut);
        }

        if (_boot.NamesNtfs)
        {
            onFault(new ImageFault(
                ImageFaultKind.Mismatch, "FatBootSector", "OemId", 0x03, "the volume names itself NTFS and is divided as FAT; it was read as FAT only"));
        }

        return new FatWalk(_volume, _boot, _table, onFault).Entries();
    }

    /// <summary>Reads the label that the root folder keeps, which is the one that guests show.</summary>
    private string? RootLabel()
    {
        try
        {
            foreach ((long _, byte[] block) in FatWalk.Root(_volume, _boot, _table, static _ => { }).ReadBlocks())
            {
                for (int at = 0; at < block.Length && block[at] != DirectoryEntry.EndMark; at += DirectoryEntry.Size)
                {
                    DirectoryEntry entry = new(block.AsSpan(at));
                    if (entry.Mark != DirectoryEntry.DeletedMark && (entry.Attributes & (EntryAttributes.LongName | EntryAttributes.Directory)) == EntryAttributes.VolumeLabel)
                    {
                        return entry.Label;
                    }
                }

                // The label stands among the first entries; a folder of a thousand files is not read for it.
                break;
            }
        }
        catch (ImageFormatException)
        {
            // The walk meets the same damage, and reports it.
        }

        return null;
    }
}
