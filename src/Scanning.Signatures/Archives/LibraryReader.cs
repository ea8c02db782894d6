using SharpCompress.Common;
using SharpCompress.Readers;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Hands in all members that a reader of SharpCompress has.</summary>
internal static class LibraryReader
{
    public static void DeliverAll(MemberWalk walk, IReader reader)
    {
        while (walk.IsOpen)
        {
            IEntry? entry = null;
            if (!walk.Try("next member", () => entry = reader.MoveToNextEntry() ? reader.Entry : null) || entry is null)
            {
                return;
            }

            if (entry.IsDirectory)
            {
                continue;
            }

            MemberInfo member = walk.Info(entry.Key ?? "content") with
            {
                IsEncrypted = entry.IsEncrypted,
                PackedLength = entry.CompressedSize > 0 ? entry.CompressedSize : null,
                StatedLength = entry.Size >= 0 ? entry.Size : null,
            };
            bool more = entry.IsEncrypted ? walk.Skip(member, "encrypted") : walk.Deliver(member, () => new OwningStream(reader.OpenEntryStream(), null));
            if (!more)
            {
                return;
            }
        }
    }
}
