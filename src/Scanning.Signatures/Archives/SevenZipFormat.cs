using SharpCompress.Archives.SevenZip;
using SharpCompress.Readers;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>7z, through SharpCompress; what it would allocate for is looked up in the headers before.</summary>
internal static class SevenZipFormat
{
    public static void Open(MemberWalk walk) => OpenAt(walk, 0);

    public static void OpenAt(MemberWalk walk, long start)
    {
        SevenZipHeaders.Check(walk, start);
        SevenZipArchive? archive = null;
        IReader? reader = null;
        try
        {
            if (walk.Try("7z headers", () => Start(walk, start, out archive, out reader)))
            {
                LibraryReader.DeliverAll(walk, reader!);
            }
        }
        finally
        {
            walk.Try("7z", () =>
            {
                reader?.Dispose();
                archive?.Dispose();
            });
        }
    }

    private static void Start(MemberWalk walk, long start, out SevenZipArchive archive, out IReader reader)
    {
        // Members that are packed together can be unpacked only one after the other.
        archive = (SevenZipArchive)SevenZipArchive.OpenArchive(walk.Stream(start), new ReaderOptions { LeaveStreamOpen = true });
        reader = archive.ExtractAllEntries();
    }
}
