namespace Symantec.Virtualization.DiskImages;

/// <summary>A format that virtual disks are kept in: VMDK, raw, or one that a caller plugs in.</summary>
/// <remarks>Implementations are stateless and safe for concurrent use.</remarks>
public interface IContainerFormat
{
    /// <summary>Gets the format's name, as reports show it.</summary>
    string Name { get; }

    /// <summary>Tells, by content alone, whether a file is of this format.</summary>
    /// <param name="file">The file.</param>
    /// <returns><see langword="true"/> if this format should open the file; a damaged file of the format still counts.</returns>
    /// <exception cref="ImageFormatException">The file cannot be read.</exception>
    bool Recognizes(ByteSource file);

    /// <summary>Opens a file of this format.</summary>
    /// <param name="file">The file; the disk owns it as soon as this method returns, and the caller if it throws.</param>
    /// <param name="context">What else a format may need.</param>
    /// <returns>The disk.</returns>
    /// <exception cref="ImageFormatException">The file is damaged, hostile or of a kind that is not supported.</exception>
    /// <exception cref="IOException">The host could not read.</exception>
    VirtualDisk Open(ByteSource file, ContainerContext context);
}
