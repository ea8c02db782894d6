using System.Collections.Concurrent;
using System.IO.Compression;

namespace Symantec.Virtualization.DiskImages.Tests.FileSystems;

/// <summary>A small image that real tools made (<c>Images/make-images.sh</c>), and the list of what they put into it.</summary>
/// <param name="Bytes">The volume.</param>
/// <param name="Contents">Each path, and <c>path:stream</c>, with its size and the SHA-256 of its bytes.</param>
internal sealed record TinyImage(byte[] Bytes, IReadOnlyDictionary<string, (long Size, string Sha256)> Contents)
{
    private static readonly ConcurrentDictionary<string, TinyImage> Loaded = [];

    public static TinyImage Load(string name) => Loaded.GetOrAdd(name, static name =>
    {
        using GZipStream packed = new(Resource($"{name}.raw.gz"), CompressionMode.Decompress);
        using MemoryStream bytes = new();
        packed.CopyTo(bytes);
        using StreamReader list = new(Resource($"{name}.txt"));
        Dictionary<string, (long Size, string Sha256)> contents = [];
        while (list.ReadLine() is { } line)
        {
            string[] parts = line.Split(' ', 3);
            contents.Add(parts[2], (long.Parse(parts[0], null), parts[1]));
        }

        return new TinyImage(bytes.ToArray(), contents);
    });

    /// <summary>Reads every content that guests see.</summary>
    public static Dictionary<string, (long Size, string Sha256)> ReadAll(FileSystem fileSystem, Action<ImageFault> onFault)
    {
        Dictionary<string, (long Size, string Sha256)> contents = [];
        foreach (FileEntry entry in fileSystem.EnumerateEntries(onFault).Where(static entry => !entry.IsMetadata))
        {
            foreach (DataStream stream in entry.Streams)
            {
                using ByteSource bytes = stream.Open();
                string hash = bytes.Sha256();
                foreach (string path in entry.Paths)
                {
                    contents.Add(stream.Name.Length == 0 ? path : $"{path}:{stream.Name}", (bytes.Length, hash));
                }
            }
        }

        return contents;
    }

    private static Stream Resource(string name) => typeof(TinyImage).Assembly.GetManifestResourceStream(name)!;
}
