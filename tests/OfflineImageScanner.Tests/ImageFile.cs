using System.IO.Compression;

namespace Symantec.Virtualization.OfflineImageScanner.Tests;

/// <summary>A tiny volume of the disk images' tests as a file of the host.</summary>
internal static class ImageFile
{
    /// <summary>Reads a volume's bytes.</summary>
    public static byte[] Load(string name)
    {
        using GZipStream packed = new(Resource($"{name}.raw.gz"), CompressionMode.Decompress);
        using MemoryStream bytes = new();
        packed.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Lists what a volume holds: path, or <c>path:stream</c>, and the SHA-256 of its bytes.</summary>
    public static Dictionary<string, string> Contents(string name)
    {
        using StreamReader list = new(Resource($"{name}.txt"));
        Dictionary<string, string> contents = [];
        while (list.ReadLine() is { } line)
        {
            string[] parts = line.Split(' ', 3);
            contents.Add(parts[2], parts[1]);
        }

        return contents;
    }

    private static Stream Resource(string name) => typeof(ImageFile).Assembly.GetManifestResourceStream(name)!;
}
