namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>FAT12, FAT16 and FAT32 with long names.</summary>
public sealed class FatFormat : IFileSystemFormat
{
    /// <inheritdoc/>
    public string Name => "FAT";

    /// <inheritdoc/>
    public bool Recognizes(ByteSource volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        Span<byte> sector = stackalloc byte[FatBootSector.Size];
        return volume.Read(0, sector) == sector.Length && FatBootSector.Recognizes(sector);
    }

    /// <inheritdoc/>
    public FileSystem Open(ByteSource volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        byte[] sector = new byte[FatBootSector.Size];
        volume.ReadExactly(0, sector, "FatBootSector");
        return new FatVolume(volume, FatBootSector.Parse(sector, 0));
    }
}
