using System.IO.Compression;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>gzip: one packed stream, or several that follow each other and are one content together.</summary>
/// <remarks>Source: RFC 1952.</remarks>
internal static class GzipFormat
{
    private const int HeaderSize = 10;
    private const byte HasExtra = 4;
    private const byte HasName = 8;
    private const int MaxName = 256;

    public static void Open(MemberWalk walk)
        => walk.Deliver(
            walk.Info(Name(walk)) with { PackedLength = walk.Container.Length }, () => new GZipStream(walk.Stream(), CompressionMode.Decompress));

    private static string Name(MemberWalk walk)
    {
        Span<byte> header = stackalloc byte[HeaderSize + 2 + MaxName];
        header = header[..walk.Container.Read(0, header)];
        int at = HeaderSize;
        if (header.Length > HeaderSize + 2 && (header[3] & HasExtra) != 0)
        {
            at += 2 + new HeaderBytes(header).U16(HeaderSize);
        }

        if (header.Length <= at || (header[3] & HasName) == 0)
        {
            return "content";
        }

        ReadOnlySpan<byte> name = header[at..];
        int end = name.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? name : name[..end]);
    }
}
