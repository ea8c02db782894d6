using System.IO.Compression;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Flash movies, which may be packed as a whole behind their first 8 bytes.</summary>
/// <remarks>Source: Adobe, "SWF File Format Specification", "The SWF header".</remarks>
internal static class FlashFormat
{
    private const int HeaderSize = 8;

    public static void Open(MemberWalk walk)
    {
        byte[] header = new byte[HeaderSize];
        walk.Read(0, header, "SwfHeader");
        switch (header[0])
        {
            case (byte)'C':
                walk.Deliver(
                    walk.Info("movie") with { PackedLength = walk.Container.Length, StatedLength = Math.Max(0, new HeaderBytes(header).U32(4) - (long)HeaderSize) },
                    () => new ZLibStream(walk.Stream(HeaderSize), CompressionMode.Decompress));
                break;
            case (byte)'Z':
                walk.Incomplete("SwfHeader.Signature at 0x0: packed by LZMA, which is not opened");
                break;
            default:
                // Not packed: all of it lies open.
                break;
        }
    }
}
