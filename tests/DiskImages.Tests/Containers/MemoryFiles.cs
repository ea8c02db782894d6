namespace Symantec.Virtualization.DiskImages.Tests.Containers;

/// <summary>The files of an image, in memory.</summary>
internal sealed class MemoryFiles : IImageFiles
{
    private readonly Dictionary<string, byte[]> _files = [];

    /// <summary>No file at all.</summary>
    public static MemoryFiles None { get; } = new();

    public byte[] this[string name]
    {
        set => _files[name] = value;
    }

    /// <summary>Gets or sets a name that the host forbids.</summary>
    public string? Forbidden { get; set; }

    public ByteSource Open(string name, ImageFault origin) => name == Forbidden ? throw new UnauthorizedAccessException("forbidden") : _files.TryGetValue(name, out byte[]? bytes)
        ? new MemorySource(bytes)
        : throw new ImageFormatException(origin with { Kind = ImageFaultKind.Missing, Detail = $"\"{name}\" is not there" });
}
