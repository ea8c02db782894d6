using Symantec.Virtualization.DiskImages.Containers.Raw;
using Symantec.Virtualization.DiskImages.Containers.Vmdk;
using Symantec.Virtualization.DiskImages.FileSystems.Fat;
using Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

namespace Symantec.Virtualization.DiskImages;

/// <summary>How images are opened. Set up once, then safe for concurrent use.</summary>
public sealed class DiskImageOptions
{
    /// <summary>Gets or sets how much inflated data is kept for a compressed disk, all of its extents together, in bytes.</summary>
    /// <value>The default value is 16 MiB: 256 grains of VMware's size.</value>
    public long CacheBytes { get; set; } = 16 << 20;

    /// <summary>Gets the folders, besides the image's own, whose files an image may name as its parts.</summary>
    /// <value>Empty by default.</value>
    public IList<string> AllowedFolders { get; } = [];

    /// <summary>Gets the container formats, asked in this order; the last one should recognize anything.</summary>
    /// <value>VMDK, raw. A reader of another library plugs in here, in front of raw.</value>
    public IList<IContainerFormat> Containers { get; } = [new VmdkFormat(), new RawFormat()];

    /// <summary>Gets the file systems, asked in this order about each volume.</summary>
    /// <value>NTFS, FAT. A reader of another library plugs in here.</value>
    public IList<IFileSystemFormat> FileSystems { get; } = [new NtfsFormat(), new FatFormat()];
}
