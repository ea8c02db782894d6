using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Symantec.Virtualization.Scanning.ClamAv.Tests;

/// <summary>Containers made in memory.</summary>
internal static class Samples
{
    private static readonly Dictionary<string, Func<byte[], byte[]>> Wrappers = new()
    {
        ["plain"] = static inner => inner,
        ["zip"] = static inner => Zip(inner),
        ["zip in zip"] = static inner => Zip(Zip(inner)),
        ["tar.gz"] = static inner => GZip(Tar(inner)),
        ["tar"] = Tar,
        ["ten zips"] = static inner => Nested(inner, 10, static more => Zip(more)),
        ["behind noise in a stored zip"] = static inner => Zip([("a", Noise(1_000_000)), ("b", inner)], CompressionLevel.NoCompression),
        ["behind noise in a zip of zips"] = static inner => Zip([("a", Noise(1_000_000)), ("b.zip", Zip(inner))]),
    };

    /// <summary>Gets the names of ways to put bytes into containers.</summary>
    public static IEnumerable<string> Wrappings => Wrappers.Keys;

    /// <summary>Puts bytes into containers.</summary>
    public static byte[] Wrap(string wrapping, byte[] bytes) => Wrappers[wrapping](bytes);

    public static byte[] Zip(byte[] member) => Zip([("member.bin", member)]);

    public static byte[] Zip(IEnumerable<(string Name, byte[] Bytes)> members, CompressionLevel level = CompressionLevel.Optimal)
    {
        using MemoryStream stream = new();
        using (ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in members)
            {
                using Stream entry = archive.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    public static byte[] GZip(byte[] bytes)
    {
        using MemoryStream stream = new();
        using (GZipStream gzip = new(stream, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return stream.ToArray();
    }

    public static byte[] Tar(byte[] member)
    {
        using MemoryStream stream = new();
        using (TarWriter writer = new(stream, leaveOpen: true))
        {
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "member.bin") { DataStream = new MemoryStream(member) });
        }

        return stream.ToArray();
    }

    /// <summary>Marks the members of a zip as encrypted; what they hold then cannot be unpacked, as of one that is.</summary>
    public static byte[] Encrypted(byte[] zip)
    {
        byte[] encrypted = [.. zip];
        foreach ((byte[] header, int flags) in new[] { ("PK\x3\x4", 6), ("PK\x1\x2", 8) }.Select(static row => (Encoding.Latin1.GetBytes(row.Item1), row.Item2)))
        {
            for (int at = encrypted.AsSpan().IndexOf(header); at >= 0;)
            {
                encrypted[at + flags] |= 1;
                int next = encrypted.AsSpan(at + 4).IndexOf(header);
                at = next < 0 ? -1 : at + 4 + next;
            }
        }

        return encrypted;
    }

    /// <summary>Makes bytes that nothing recognizes and nothing compresses.</summary>
    public static byte[] Noise(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Puts bytes into a container again and again.</summary>
    public static byte[] Nested(byte[] bytes, int depth, Func<byte[], byte[]> wrap)
        => Enumerable.Range(0, depth).Aggregate(bytes, (inner, _) => wrap(inner));
}
