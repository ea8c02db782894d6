namespace Symantec.Virtualization.DiskImages;

/// <summary>What a container format is given to open an image with.</summary>
public sealed class ContainerContext
{
    /// <summary>Gets the image's other files: extents and parents that it names.</summary>
    public required IImageFiles Files { get; init; }

    /// <summary>Gets the options of the caller.</summary>
    public required DiskImageOptions Options { get; init; }
}
