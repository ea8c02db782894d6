using SharpCompress.Compressors.BZip2;
using CompressionMode = SharpCompress.Compressors.CompressionMode;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>bzip2: packed streams that follow each other. An unpacker needs at most 4 MiB, whatever the header says.</summary>
internal static class Bzip2Format
{
    public static void Open(MemberWalk walk)
        => walk.Deliver(
            walk.Info("content") with { PackedLength = walk.Container.Length },
            () => BZip2Stream.Create(walk.Stream(), CompressionMode.Decompress, decompressConcatenated: true));
}
