namespace Symantec.Virtualization.DiskImages;

/// <summary>One thing that is wrong with an image, and the place where it is wrong.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Structure">The on-disk structure, in its specification's words: <c>SparseExtentHeader</c>, <c>FileRecord</c>.</param>
/// <param name="Field">The field of the structure; empty when the fault concerns the structure as a whole.</param>
/// <param name="Offset">
/// The absolute byte offset of the field in the layer that reports it: the container's file, the virtual disk or the volume.
/// </param>
/// <param name="Detail">What was found and what was expected, in words. It may quote the image and is not safe for a terminal as it is.</param>
public sealed record ImageFault(ImageFaultKind Kind, string Structure, string Field, long Offset, string Detail)
{
    /// <summary>Gets the file of a multi-file image that <see cref="Offset"/> counts in, where that is not the image's own file.</summary>
    public string? File { get; init; }

    /// <summary>Says the fault in one sentence.</summary>
    /// <returns><c>SparseExtentHeader.GrainSize at 0x14: 9 sectors is not a power of two from 8 to 4096</c>.</returns>
    public override string ToString()
    {
        string place = Field.Length == 0 ? Structure : $"{Structure}.{Field}";
        string file = File is null ? "" : $" of {File}";
        return $"{place} at 0x{Offset:X}{file}: {Detail}";
    }
}
