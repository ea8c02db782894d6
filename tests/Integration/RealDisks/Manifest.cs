using System.Security.Cryptography;
using System.Text;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.RealDisks;

/// <summary>What a second reader says that a volume holds: path, or <c>path:stream</c>, with size and SHA-256.</summary>
internal static class Manifest
{
    /// <summary>Reads a folder as the host sees it.</summary>
    public static Dictionary<string, (long Size, string Sha256)> OfFolder(string folder)
    {
        Dictionary<string, (long Size, string Sha256)> manifest = [];
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            manifest.Add(Path.GetRelativePath(folder, file), Content(file));
        }

        return manifest;
    }

    /// <summary>Adds the named streams of a volume that ntfs-3g has mounted with both of its stream interfaces, each at its own place.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="attributes">Where streams show as extended attributes, so that they can be listed.</param>
    /// <param name="colons">Where streams open as <c>file:stream</c>, so that they can be read.</param>
    public static void AddStreams(Dictionary<string, (long Size, string Sha256)> manifest, string attributes, string colons)
    {
        string file = "";
        foreach (string line in Peer.Run("getfattr", "-R", "-h", "--absolute-names", "-m", "^user\\.", attributes).Split('\n'))
        {
            if (line.StartsWith("# file: ", StringComparison.Ordinal))
            {
                file = Path.GetRelativePath(attributes, Unescape(line["# file: ".Length..]));
            }
            else if (line.StartsWith("user.", StringComparison.Ordinal))
            {
                string stream = $"{file}:{Unescape(line["user.".Length..])}";
                manifest.Add(stream, Content(Path.Combine(colons, stream)));
            }
        }
    }

    private static (long Size, string Sha256) Content(string path)
    {
        using FileStream stream = File.OpenRead(path);
        string hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        return (stream.Position, hash);
    }

    /// <summary>Undoes the octal escapes of getfattr.</summary>
    private static string Unescape(string text)
    {
        List<byte> bytes = [];
        for (int at = 0; at < text.Length; at++)
        {
            bool isEscape = text[at] == '\\' && at + 3 < text.Length && text.AsSpan(at + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0;
            bytes.AddRange(isEscape ? [Convert.ToByte(text.Substring(at + 1, 3), 8)] : Encoding.UTF8.GetBytes(text[at].ToString()));
            at += isEscape ? 3 : 0;
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
