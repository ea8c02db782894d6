using System.IO.Compression;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Compound files that a PowerPoint presentation holds as records of its main stream.</summary>
/// <remarks>Source: Microsoft, "PowerPoint (.ppt) Binary File Format" [MS-PPT], ExOleObjStg.</remarks>
internal static class PowerPointObjects
{
    private const int Container = 0xF;
    private const int EmbeddedObject = 0x1011;

    /// <returns><see langword="false"/> if no more members are wanted.</returns>
    public static bool Deliver(MemberWalk walk, Func<Stream> open)
    {
        byte[] header = new byte[8];
        Stream? stream = null;
        if (!walk.Try("PowerPoint Document", () => stream = open()))
        {
            return true;
        }

        while (true)
        {
            bool isObject = false;
            bool isPacked = false;
            long length = 0;
            bool read = walk.Try("PowerPoint Document", () =>
            {
                if (stream!.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
                {
                    stream = null;
                    return;
                }

                HeaderBytes fields = new(header);
                length = fields.U32(4);
                isObject = fields.U16(2) == EmbeddedObject;
                isPacked = fields.U16(0) >> 4 != 0;
                if (!isObject && (fields.U16(0) & Container) != Container)
                {
                    Skip(stream, length);
                }
            });
            if (!read || stream is null)
            {
                return true;
            }

            if (!isObject)
            {
                continue;
            }

            SliceStream record = new(stream, length);
            bool more = walk.Deliver(walk.Info("object"), () =>
            {
                if (!isPacked)
                {
                    return record;
                }

                OlePackage.Number(record, 4);
                return new ZLibStream(record, CompressionMode.Decompress);
            });
            if (!more || !walk.Try("PowerPoint Document", () => Skip(record, long.MaxValue)))
            {
                return more;
            }
        }
    }

    private static void Skip(Stream stream, long count)
    {
        Span<byte> skipped = stackalloc byte[1024];
        while (count > 0 && stream.Read(skipped[..(int)Math.Min(skipped.Length, count)]) is > 0 and { } read)
        {
            count -= read;
        }
    }
}
