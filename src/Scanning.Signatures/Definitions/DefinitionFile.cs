using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A file of definitions, wherever its bytes are.</summary>
/// <param name="name">Its path or name; the extension tells the format.</param>
/// <param name="open">Opens its bytes, each time from the beginning; the stream can seek.</param>
/// <param name="written">When it was written.</param>
public sealed class DefinitionFile(string name, Func<Stream> open, DateTimeOffset written)
{
    /// <summary>Gets the path or name.</summary>
    public string Name => name;

    /// <summary>Gets when it was written.</summary>
    public DateTimeOffset Written => written;

    /// <summary>Makes one of bytes in memory.</summary>
    /// <param name="name">A name; the extension tells the format.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The file.</returns>
    public static DefinitionFile FromMemory(string name, byte[] bytes) =>
        new(name, () => new MemoryStream(bytes, writable: false), DateTimeOffset.UnixEpoch);

    /// <summary>Makes one of a file on disk.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The file.</returns>
    public static DefinitionFile FromDisk(string path) => new(
        path,
        () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1),
        File.GetLastWriteTimeUtc(path));

    /// <summary>Opens the bytes.</summary>
    /// <returns>A stream from the beginning.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The host forbids it.</exception>
    public Stream Open() => open();

    /// <summary>Gets a value indicating whether it holds definitions, or something that is named as if.</summary>
    internal bool IsDefinitions => DefinitionContainer.IsContainer(Name) || DefinitionFormats.Of(Name) != DefinitionFormat.None || DefinitionFormats.WhyUnread(Name) is not null;

    /// <summary>Computes the hash of its bytes.</summary>
    internal ContentHash Hash()
    {
        using Stream stream = Open();
        return new ContentHash(System.Security.Cryptography.SHA256.HashData(stream));
    }
}
