using System.IO.Compression;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>Two harmless contents whose verdicts tell how clamd is configured, which it does not say otherwise.</summary>
internal static class ClamdProbes
{
    /// <summary>Deeper than clamd's <c>MaxRecursion</c> can be set (100).</summary>
    private const int Depth = 120;

    private static readonly Lazy<byte[]> LazyNest = new(MakeNest);
    private static readonly Lazy<byte[]> LazyEncrypted = new(MakeEncrypted);

    /// <summary>Gets gzip in gzip, over any limit: OK means that clamd does not tell of limits.</summary>
    public static byte[] TooDeep => LazyNest.Value;

    /// <summary>Gets a zip whose only member is encrypted: OK means that clamd does not tell of that.</summary>
    public static byte[] Encrypted => LazyEncrypted.Value;

    private static byte[] MakeNest()
    {
        byte[] nest = "a probe of limits"u8.ToArray();
        for (int i = 0; i < Depth; i++)
        {
            using MemoryStream outer = new();
            using (GZipStream gzip = new(outer, CompressionLevel.Optimal))
            {
                gzip.Write(nest);
            }

            nest = outer.ToArray();
        }

        return nest;
    }

    private static byte[] MakeEncrypted()
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream member = zip.CreateEntry("probe", CompressionLevel.NoCompression).Open();
            member.Write("a probe of what is encrypted"u8);
        }

        // The lowest flag says "encrypted", in both headers (APPNOTE 4.4.4).
        byte[] bytes = stream.ToArray();
        bytes[6] |= 1;
        bytes[bytes.AsSpan().IndexOf("PK\u0001\u0002"u8) + 8] |= 1;
        return bytes;
    }
}
