namespace Symantec.Virtualization.DiskImages.Containers.Raw;

/// <summary>A virtual disk kept byte for byte: what a file is when no other format recognizes it.</summary>
public sealed class RawFormat : IContainerFormat
{
    /// <inheritdoc/>
    public string Name => "raw";

    /// <inheritdoc/>
    public bool Recognizes(ByteSource file) => true;

    /// <inheritdoc/>
    public VirtualDisk Open(ByteSource file, ContainerContext context)
        => ForeignFormats.Recognize(file) is { } foreign
            ? throw new ImageFormatException(new ImageFault(
                ImageFaultKind.Unsupported, "File", "", 0, $"this looks like {foreign}, which is not read yet"))
            : new VirtualDisk(Name, "", file);
}
