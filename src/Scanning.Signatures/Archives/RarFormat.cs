using SharpCompress.Readers;
using SharpCompress.Readers.Rar;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>RAR 4 and 5, through SharpCompress; the sizes of dictionaries are looked up in the headers before.</summary>
internal static class RarFormat
{
    public static void Open(MemberWalk walk) => OpenAt(walk, 0);

    public static void OpenAt(MemberWalk walk, long start)
    {
        RarHeaders.Check(walk, start);
        IReader? reader = null;
        try
        {
            if (walk.Try("RAR headers", () => reader = RarReader.OpenReader(walk.Stream(start), new ReaderOptions { LeaveStreamOpen = true })))
            {
                LibraryReader.DeliverAll(walk, reader!);
            }
        }
        finally
        {
            walk.Try("RAR", () => reader?.Dispose());
        }
    }
}
