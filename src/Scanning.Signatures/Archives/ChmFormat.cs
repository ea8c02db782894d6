namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Compiled HTML help: a directory of files, most of which are packed together by LZX.</summary>
/// <remarks>Source: Matthew T. Russotto, "Microsoft's HTML Help (.chm) format"; Pabs3, "Unofficial (Preliminary) HTML Help Specification".</remarks>
internal static class ChmFormat
{
    private const string Storage = "::DataSpace/Storage/MSCompressed/";
    private const string ResetTable = Storage + "Transform/{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}/InstanceData/ResetTable";

    public static void Open(MemberWalk walk)
    {
        byte[] header = new byte[0x60];
        walk.Read(0, header, "ChmHeader");
        HeaderBytes fields = new(header);
        long directory = (long)Math.Min(fields.U64(0x48), long.MaxValue);
        long content = fields.U32(4) >= 3
            ? (long)Math.Min(fields.U64(0x58), long.MaxValue)
            : directory + (long)Math.Min(fields.U64(0x50), long.MaxValue);
        Dictionary<string, ChmEntry> system = [];
        List<ChmEntry> packed = [];
        foreach (ChmEntry entry in ChmDirectory.Read(walk, directory))
        {
            if (entry.Name.StartsWith("::", StringComparison.Ordinal))
            {
                system.TryAdd(entry.Name, entry);
            }
            else if (entry.Section == 1)
            {
                packed.Add(entry);
            }
            else if (entry.Length > 0 && !walk.DeliverWindow(walk.Info(entry.Name) with { StatedLength = entry.Length }, content + entry.Offset, entry.Length))
            {
                return;
            }
        }

        if (packed.Count == 0)
        {
            return;
        }

        if (!system.TryGetValue(Storage + "Content", out ChmEntry? data) || !system.TryGetValue(Storage + "ControlData", out ChmEntry? control)
            || !system.TryGetValue(ResetTable, out ChmEntry? table))
        {
            throw new ArchiveFormatException("ChmDirectory does not say where the packed files are");
        }

        ChmFrames frames = ChmFrames.Read(walk, content + data.Offset, content + control.Offset, content + table.Offset);
        ChmStream? stream = null;
        foreach (ChmEntry entry in packed.OrderBy(static entry => entry.Offset))
        {
            bool more = entry.Length == 0 || walk.Deliver(walk.Info(entry.Name) with { StatedLength = entry.Length }, () =>
            {
                stream = stream is null || stream.Offset > entry.Offset ? new ChmStream(walk, frames) : stream;
                stream.SkipTo(entry.Offset);
                return new SliceStream(stream, entry.Length);
            });
            if (!more)
            {
                return;
            }
        }
    }
}
