namespace Symantec.Virtualization.DiskImages;

/// <summary>One content of a file: its unnamed data, or an alternate data stream.</summary>
public abstract class DataStream
{
    /// <summary>Gets the stream's name; empty for a file's own content. Hostile, as all names of an image.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the length in bytes. It may be larger than the volume where the stream has holes.</summary>
    public required long Length { get; init; }

    /// <summary>Gets how many bytes of the volume hold the content: less than <see cref="Length"/> where there are holes or compression.</summary>
    public required long StoredLength { get; init; }

    /// <summary>Gets the offset on the volume where the content begins; reading in this order moves the disk's head least.</summary>
    public required long FirstOffset { get; init; }

    /// <summary>Gets a value indicating whether the stream belongs to the file system itself, as the list of bad clusters does.</summary>
    public bool IsMetadata { get; init; }

    /// <summary>Gets why the stream cannot be read, where that is known without reading: damage, encryption, a form that is not supported.</summary>
    public ImageFault? Fault { get; init; }

    /// <summary>Opens the content.</summary>
    /// <returns>The content; the caller owns it.</returns>
    /// <exception cref="ImageFormatException">The stream cannot be read; where <see cref="Fault"/> is set, always with that fault.</exception>
    public ByteSource Open() => Fault is null ? OpenCore() : throw new ImageFormatException(Fault);

    /// <summary>Opens the content of a stream that has no fault.</summary>
    /// <returns>The content; the caller owns it.</returns>
    protected abstract ByteSource OpenCore();
}
