using System.Buffers.Binary;
using System.Text;

namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>The change journal of a volume: the file <c>$Extend\$UsnJrnl</c>.</summary>
/// <remarks>Source: Microsoft Learn, "Change Journals" and <c>USN_JOURNAL_DATA</c>; the stream <c>$Max</c> holds the journal's limits and its identifier.</remarks>
internal static class ChangeJournal
{
    public const string Path = "$Extend/$UsnJrnl";
    private const string LimitsStream = "$Max";

    /// <summary>MaximumSize 8, AllocationDelta 8, UsnJournalID 8, LowestValidUsn 8.</summary>
    private const int IdentifierAt = 16;
    private const int LimitsSize = 32;

    /// <summary>The journal comes into being with the volume or soon after: its record is among the first.</summary>
    private const long MaxRecords = 1 << 16;

    private static readonly byte[] Name = Encoding.Unicode.GetBytes("$UsnJrnl");

    /// <summary>Finds the journal's identifier; 0 if there is none that can be read.</summary>
    public static ulong FindIdentifier(NtfsGeometry geometry, MasterFileTable table, NtfsFileReader files)
    {
        byte[] slot = new byte[geometry.RecordSize];
        long end = Math.Min(table.RecordCount, MasterFileTable.FirstUserRecord + MaxRecords);
        for (long number = MasterFileTable.FirstUserRecord; number < end; number++)
        {
            try
            {
                if (table.IsAllocated(number) && Read(number, slot, table, files) is { } identifier)
                {
                    return identifier;
                }
            }
            catch (Exception e) when (e is ImageFormatException or OverflowException)
            {
                // The sweep meets the record too, and reports it.
            }
        }

        return 0;
    }

    private static ulong? Read(long number, byte[] slot, MasterFileTable table, NtfsFileReader files)
    {
        long origin = table.Read(number, slot, out FileRecord record);
        if (!record.IsInUse || record.IsExtension || slot.AsSpan().IndexOf(Name) < 0)
        {
            return null;
        }

        FileEntry? file = files.Read(number, slot, record, origin, new ExtensionAllowance(0), claims: null, static _ => { });
        if (file is not { Paths: [Path] } || file.Streams.FirstOrDefault(static stream => stream.Name == LimitsStream) is not { Length: >= LimitsSize, Fault: null } stream)
        {
            return null;
        }

        using ByteSource limits = stream.Open();
        Span<byte> bytes = stackalloc byte[LimitsSize];
        limits.ReadExactly(0, bytes, LimitsStream);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes[IdentifierAt..]);
    }
}
