namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Mach-O programs for several processors in one file.</summary>
internal static class UniversalFormat
{
    private const int HeaderSize = 8;
    private const int EntrySize = 20;

    public static void Open(MemberWalk walk)
    {
        byte[] buffer = new byte[EntrySize];
        walk.Read(0, buffer.AsSpan(0, HeaderSize), "FatHeader");
        uint count = new HeaderBytes(buffer, bigEndian: true).U32(4);
        for (uint i = 0; i < count; i++)
        {
            walk.Read(HeaderSize + (i * EntrySize), buffer, "FatArch");
            HeaderBytes fields = new(buffer, bigEndian: true);
            long size = fields.U32(12);
            if (!walk.DeliverWindow(walk.Info($"{fields.U32(0):x}") with { PackedLength = size, StatedLength = size }, fields.U32(8), size))
            {
                return;
            }
        }
    }
}
