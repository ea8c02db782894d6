using System.IO.Hashing;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Finds archives behind other bytes: programs that unpack themselves, and pictures that are archives as well.</summary>
internal static class EmbeddedArchives
{
    /// <summary>One content may hold several archives, but rarely many.</summary>
    private const int MaxArchives = 64;

    /// <summary>Opens the archives of which marks were found.</summary>
    /// <param name="walk">The walk over the content.</param>
    /// <param name="marks">The marks.</param>
    /// <param name="isOpened">Whether the content was opened as what its first bytes say, so that a mark there is done with.</param>
    public static void Open(MemberWalk walk, ArchiveMarks marks, bool isOpened)
    {
        Span<byte> head = stackalloc byte[8];
        if (walk.Container.Read(0, head) == head.Length && head.SequenceEqual("!<arch>\n"u8))
        {
            ArFormat.Open(walk);
            return;
        }

        int opened = 0;
        bool isZip = false;
        foreach ((long start, EmbeddedKind kind) in marks.Noted)
        {
            if (isOpened && start == 0)
            {
                continue;
            }

            // Whoever opens a ZIP archive looks for its members in the whole content.
            if (kind == EmbeddedKind.Zip ? isZip || ZipEntry.FromLocalHeader(walk, start) is null : !IsSound(walk, start, kind))
            {
                continue;
            }

            if (++opened > MaxArchives)
            {
                walk.Incomplete($"more than {MaxArchives} archives in it");
                return;
            }

            isZip |= kind == EmbeddedKind.Zip;
            Open(walk, start, kind);
            if (!walk.IsOpen)
            {
                return;
            }
        }

        if (Enum.GetValues<EmbeddedKind>().Any(kind => marks.HasMore(kind) && !(isZip && kind == EmbeddedKind.Zip)))
        {
            walk.Incomplete($"more than {ArchiveMarks.MaxOfKind:N0} marks of archives in it");
        }
    }

    private static void Open(MemberWalk walk, long start, EmbeddedKind kind)
    {
        try
        {
            switch (kind)
            {
                case EmbeddedKind.Zip:
                    // Offsets in a ZIP archive may count from the beginning of the content, or from that of the archive.
                    ZipFormat.Open(walk);
                    break;
                case EmbeddedKind.Rar:
                    RarFormat.OpenAt(walk, start);
                    break;
                case EmbeddedKind.SevenZip:
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
    }

    /// <summary>Tells an archive from a program that only knows the mark: scanners and unpackers are full of marks.</summary>
    private static bool IsSound(MemberWalk walk, long start, EmbeddedKind kind)
    {
        Span<byte> header = stackalloc byte[128];
        header = header[..walk.Container.Read(start, header)];
        if (header.Length < 36 && kind != EmbeddedKind.Rar)
        {
            return false;
        }

        HeaderBytes fields = new(header);
        return kind switch
        {
            EmbeddedKind.SevenZip => fields.U32(8) == Crc32.HashToUInt32(header[12..32]),
            EmbeddedKind.Cab => header[25] == 1 && fields.U32(8) <= walk.Container.Length - start && fields.U32(16) < fields.U32(8) && fields.U16(28) > 0,

            // The archive's own header comes first in both versions: in one it has a type, in the other a checksum over itself and its length.
            _ when header.Length > 13 && header[6] == 1 => header[7] == 0 && 13 + header[12] <= header.Length
                && fields.U32(8) == Crc32.HashToUInt32(header.Slice(12, 1 + header[12])),
            _ => header.Length > 13 && header[6] == 0 && header[9] == 0x73,
        };
    }
}
