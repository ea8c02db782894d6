namespace Symantec.Virtualization.DiskImages;

/// <summary>A virtual disk as its machine sees it: the bytes behind a container's format.</summary>
public sealed class VirtualDisk : IDisposable
{
    private readonly IReadOnlyList<IDisposable> _owned;

    /// <summary>Initializes a new instance of the <see cref="VirtualDisk"/> class; container formats do.</summary>
    /// <param name="format">The container's format: <c>VMDK</c>.</param>
    /// <param name="variant">The kind of that format, in its own words: <c>streamOptimized</c>; empty where there is but one.</param>
    /// <param name="content">The disk's bytes; the disk owns it.</param>
    /// <param name="faults">What was wrong and did not keep the disk from opening; reading the damaged part is a fault of its own.</param>
    /// <param name="owned">What else must be released with the disk, after its content.</param>
    public VirtualDisk(
        string format, string variant, ByteSource content, IReadOnlyList<ImageFault>? faults = null, params IReadOnlyList<IDisposable> owned)
    {
        Format = format;
        Variant = variant;
        Content = content;
        Faults = faults ?? [];
        _owned = owned;
    }

    /// <summary>Gets the container's format: <c>VMDK</c>, <c>raw</c>.</summary>
    public string Format { get; }

    /// <summary>Gets the kind of the format, in its own words: <c>monolithicSparse</c>; empty where there is but one.</summary>
    public string Variant { get; }

    /// <summary>Gets the disk's bytes.</summary>
    public ByteSource Content { get; }

    /// <summary>Gets what was wrong with the container and did not keep it from opening; some part of the disk may be unreadable.</summary>
    public IReadOnlyList<ImageFault> Faults { get; }

    /// <summary>Closes the disk and its files.</summary>
    public void Dispose()
    {
        Content.Dispose();
        foreach (IDisposable owned in _owned)
        {
            owned.Dispose();
        }
    }
}
