using SharpCompress.Readers;
using SharpCompress.Readers.Arj;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>ARJ, through SharpCompress: its unpackers keep 32 KiB at most.</summary>
internal static class ArjFormat
{
    public static void Open(MemberWalk walk)
    {
        IReader? reader = null;
        try
        {
            if (walk.Try("ARJ headers", () => reader = ArjReader.OpenReader(walk.Stream(), new ReaderOptions { LeaveStreamOpen = true })))
            {
                LibraryReader.DeliverAll(walk, reader!);
            }
        }
        finally
        {
            walk.Try("ARJ", () => reader?.Dispose());
        }
    }
}
