namespace Symantec.Virtualization.DiskImages;

/// <summary>A kind of file system: NTFS, FAT, or one that a caller plugs in.</summary>
/// <remarks>Implementations are stateless and safe for concurrent use.</remarks>
public interface IFileSystemFormat
{
    /// <summary>Gets the format's name.</summary>
    string Name { get; }

    /// <summary>Tells, by content alone, whether a volume holds this file system.</summary>
    /// <param name="volume">The volume's bytes.</param>
    /// <returns><see langword="true"/> if it does; a damaged file system that names itself still counts.</returns>
    /// <exception cref="ImageFormatException">The volume cannot be read.</exception>
    bool Recognizes(ByteSource volume);

    /// <summary>Opens the file system of a volume.</summary>
    /// <param name="volume">The volume's bytes; they must stay open as long as the file system is in use.</param>
    /// <returns>The file system.</returns>
    /// <exception cref="ImageFormatException">The file system is damaged beyond use, or of a kind that is not supported.</exception>
    FileSystem Open(ByteSource volume);
}
