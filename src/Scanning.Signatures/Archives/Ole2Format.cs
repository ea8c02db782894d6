namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>OLE2 compound files: streams, and files that were put into documents.</summary>
internal static class Ole2Format
{
    public static void Open(MemberWalk walk)
    {
        Ole2Volume volume = Ole2Volume.Open(walk);
        foreach (Ole2Entry entry in volume.Entries())
        {
            MemberInfo member = walk.Info(entry.Name) with { StatedLength = entry.Length };
            if (!walk.Deliver(member, () => new Ole2Stream(walk, volume, entry)) || !DeliverEmbedded(walk, volume, entry))
            {
                return;
            }
        }
    }

    private static bool DeliverEmbedded(MemberWalk walk, Ole2Volume volume, Ole2Entry entry)
    {
        if (entry.Name == "\u0001Ole10Native")
        {
            // Embedded files have their name and old path in front of them.
            return walk.Deliver(walk.Info("Ole10Native"), () =>
            {
                Ole2Stream stream = new(walk, volume, entry);
                stream.ReadExactly(new byte[4]);
                return OlePackage.Open(stream);
            });
        }

        return entry.Name != "PowerPoint Document" || PowerPointObjects.Deliver(walk, () => new Ole2Stream(walk, volume, entry));
    }
}
