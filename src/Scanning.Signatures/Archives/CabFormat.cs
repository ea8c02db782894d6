using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Cabinets: folders of data blocks, in which files lie one behind the other.</summary>
/// <remarks>Source: Microsoft, "Microsoft Cabinet Format" [MS-CAB].</remarks>
internal static class CabFormat
{
    private const int HeaderSize = 36;
    private const int FolderSize = 8;
    private const int FileSize = 16;
    private const int MaxText = 256;
    private const int ContinuedFrom = 0xFFFD;
    private const int NameIsUtf8 = 0x80;

    private static class Flag
    {
        public const int Previous = 1;
        public const int Next = 2;
        public const int Reserve = 4;
    }

    public static void Open(MemberWalk walk) => OpenAt(walk, 0);

    public static void OpenAt(MemberWalk walk, long start)
    {
        byte[] header = new byte[HeaderSize + 4];
        walk.Read(start, header.AsSpan(0, HeaderSize), "CabHeader");
        HeaderBytes fields = new(header);
        int flags = fields.U16(30);
        int fileCount = fields.U16(28);
        long at = start + HeaderSize;
        int folderReserve = 0;
        int blockReserve = 0;
        if ((flags & Flag.Reserve) != 0)
        {
            walk.Read(at, header.AsSpan(HeaderSize, 4), "CabHeader.Reserve");
            at += 4 + fields.U16(HeaderSize);
            (folderReserve, blockReserve) = (header[HeaderSize + 2], header[HeaderSize + 3]);
        }

        for (int texts = ((flags & Flag.Previous) != 0 ? 2 : 0) + ((flags & Flag.Next) != 0 ? 2 : 0); texts > 0; texts--)
        {
            at += ReadText(walk, at, isUtf8: false).Size;
        }

        CabFolder[] folders = new CabFolder[fields.U16(26)];
        byte[] buffer = new byte[FileSize];
        for (int i = 0; i < folders.Length; i++, at += FolderSize + folderReserve)
        {
            walk.Read(at, buffer.AsSpan(0, FolderSize), "CabFolder");
            HeaderBytes folder = new(buffer);
            folders[i] = new CabFolder(start + folder.U32(0), folder.U16(4), folder.U16(6), blockReserve);
        }

        List<CabFile>[] files = [.. folders.Select(static _ => new List<CabFile>())];
        at = start + fields.U32(16);
        ArchiveFormatException? fault = null;
        try
        {
            for (int i = 0; i < fileCount; i++)
            {
                walk.Read(at, buffer, "CabFile");
                HeaderBytes file = new(buffer);
                (string name, int size) = ReadText(walk, at + FileSize, (file.U16(14) & NameIsUtf8) != 0);
                at += FileSize + size;
                int folder = file.U16(8);
                if (folder < folders.Length)
                {
                    files[folder].Add(new CabFile(name, file.U32(4), file.U32(0)));
                }
                else if (!walk.Skip(walk.Info(name), folder >= ContinuedFrom ? "continues in another cabinet" : $"CabFile.Folder: {folder}"))
                {
                    return;
                }
            }
        }
        catch (ArchiveFormatException e)
        {
            fault = e;
        }

        for (int i = 0; i < folders.Length && walk.IsOpen; i++)
        {
            DeliverAll(walk, folders[i], files[i]);
        }

        if (fault is not null)
        {
            throw fault;
        }
    }

    private static void DeliverAll(MemberWalk walk, CabFolder folder, List<CabFile> files)
    {
        CabFolderStream? stream = null;
        foreach (CabFile file in files.OrderBy(static file => file.Offset))
        {
            MemberInfo member = walk.Info(file.Name) with { StatedLength = file.Length };
            bool more = walk.Deliver(member, () =>
            {
                // Files that overlap, which no honest cabinet has, need their folder from its beginning again.
                stream = stream is null || stream.Offset > file.Offset ? new CabFolderStream(walk, folder) : stream;
                stream.SkipTo(file.Offset);
                return new SliceStream(stream, file.Length);
            });
            if (!more)
            {
                return;
            }
        }
    }

    private static (string Text, int Size) ReadText(MemberWalk walk, long at, bool isUtf8)
    {
        Span<byte> text = stackalloc byte[MaxText];
        text = text[..walk.Container.Read(at, text)];
        int end = text.IndexOf((byte)0);
        return end >= 0
            ? ((isUtf8 ? Encoding.UTF8 : Encoding.Latin1).GetString(text[..end]), end + 1)
            : throw new ArchiveFormatException($"CabText at 0x{at:X}: has no end");
    }

    private readonly record struct CabFile(string Name, long Offset, long Length);
}

/// <summary>Where the data blocks of a cabinet's folder are, and how they are packed.</summary>
internal sealed record CabFolder(long Start, int Blocks, int Compression, int BlockReserve);
