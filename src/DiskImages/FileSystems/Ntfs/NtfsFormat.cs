using Symantec.Virtualization.DiskImages.FileSystems.Fat;

namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>NTFS 3.0 and 3.1, the file system of Windows since 2000.</summary>
public sealed class NtfsFormat : IFileSystemFormat
{
    /// <inheritdoc/>
    public string Name => "NTFS";

    /// <inheritdoc/>
    public bool Recognizes(ByteSource volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        Span<byte> sector = stackalloc byte[NtfsBootSector.Size];
        return volume.Read(0, sector) == sector.Length && NtfsBootSector.HasSignature(sector)
            && (NtfsBootSector.LeavesFatFieldsEmpty(sector) || !FatBootSector.Recognizes(sector));
    }

    /// <inheritdoc/>
    public FileSystem Open(ByteSource volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        byte[] sector = new byte[NtfsBootSector.Size];
        volume.ReadExactly(0, sector, "NtfsBootSector");
        return new NtfsVolume(volume, NtfsBootSector.Parse(sector, 0));
    }
}
