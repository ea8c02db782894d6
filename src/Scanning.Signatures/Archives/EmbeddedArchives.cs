using System.IO.Hashing;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Finds archives behind other bytes: programs that unpack themselves, and pictures that are archives as well.</summary>
internal static class EmbeddedArchives
{
    private const int WindowSize = 256 << 10;
    private const int LongestMark = 8;

    /// <summary>One content may hold several archives, but rarely many.</summary>
    private const int MaxArchives = 64;

    public static void Open(MemberWalk walk)
    {
        Span<byte> head = stackalloc byte[LongestMark];
        if (walk.Container.Read(0, head) == LongestMark && head.SequenceEqual("!<arch>\n"u8))
        {
            ArFormat.Open(walk);
            return;
        }

        bool zip = false;
        int found = 0;
        byte[] window = new byte[(int)Math.Min(walk.Container.Length, WindowSize)];
        for (long at = 0; at + LongestMark < walk.Container.Length && walk.IsOpen;)
        {
            int count = (int)Math.Min(window.Length, walk.Container.Length - at);
            walk.Read(at, window.AsSpan(0, count), "Window");
            foreach ((long start, Kind kind) in Marks(window.AsSpan(0, count), at, zip))
            {
                if (++found > MaxArchives)
                {
                    walk.Incomplete($"more than {MaxArchives} archives in it");
                    return;
                }

                zip |= kind == Kind.Zip;
                if (!Open(walk, start, kind))
                {
                    return;
                }
            }

            at += Math.Max(1, count - LongestMark + 1);
        }
    }

    private enum Kind
    {
        Zip,
        Rar,
        SevenZip,
        Cab,
    }

    private static List<(long Start, Kind Kind)> Marks(ReadOnlySpan<byte> window, long at, bool zip)
    {
        List<(long, Kind)> marks = [];
        if (!zip && window.IndexOf("PK\x03\x04"u8) is >= 0 and { } first)
        {
            marks.Add((at + first, Kind.Zip));
        }

        Add(window, "Rar!\x1A\x07"u8, Kind.Rar);
        Add(window, [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C], Kind.SevenZip);
        Add(window, "MSCF\0\0\0\0"u8, Kind.Cab);
        return marks;

        void Add(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> mark, Kind kind)
        {
            for (int from = 0; bytes[from..].IndexOf(mark) is >= 0 and { } next && marks.Count <= MaxArchives; from += next + 1)
            {
                marks.Add((at + from + next, kind));
            }
        }
    }

    /// <returns><see langword="false"/> if no more members are wanted.</returns>
    private static bool Open(MemberWalk walk, long start, Kind kind)
    {
        if (kind == Kind.Zip)
        {
            // Offsets in a ZIP archive may count from the beginning of the content, or from that of the archive.
            return ZipEntry.FromLocalHeader(walk, start) is null || ZipFormat.OpenEmbedded(walk);
        }

        if (!IsSound(walk, start, kind))
        {
            return true;
        }

        try
        {
            switch (kind)
            {
                case Kind.Rar:
                    RarFormat.OpenAt(walk, start);
                    break;
                case Kind.SevenZip:
                    SevenZipFormat.OpenAt(walk, start);
                    break;
                default:
                    CabFormat.OpenAt(walk, start);
                    break;
            }
        }
        catch (ArchiveFormatException e)
        {
            walk.Incomplete(e.Message);
        }

        return walk.IsOpen;
    }

    /// <summary>Tells an archive from a program that only knows the mark: scanners and unpackers are full of marks.</summary>
    private static bool IsSound(MemberWalk walk, long start, Kind kind)
    {
        Span<byte> header = stackalloc byte[128];
        header = header[..walk.Container.Read(start, header)];
        if (header.Length < 36 && kind != Kind.Rar)
        {
            return false;
        }

        HeaderBytes fields = new(header);
        return kind switch
        {
            Kind.SevenZip => fields.U32(8) == Crc32.HashToUInt32(header[12..32]),
            Kind.Cab => header[25] == 1 && fields.U32(8) <= walk.Container.Length - start && fields.U32(16) < fields.U32(8) && fields.U16(28) > 0,

            // The archive's own header comes first in both versions: in one it has a type, in the other a checksum over itself and its length.
            _ when header.Length > 13 && header[6] == 1 => header[7] == 0 && 13 + header[12] <= header.Length
                && fields.U32(8) == Crc32.HashToUInt32(header.Slice(12, 1 + header[12])),
            _ => header.Length > 13 && header[6] == 0 && header[9] == 0x73,
        };
    }
}
