using System.IO.Hashing;

namespace Symantec.Virtualization.DiskImages.Partitions.Gpt;

/// <summary>A GUID partition table: the primary one, or its backup where the primary one is damaged.</summary>
/// <remarks>Source: UEFI 2.10, section 5.3.</remarks>
internal sealed class GuidPartitionTable
{
    /// <summary>Sector sizes to look for the header at; all of them are in use somewhere.</summary>
    private static readonly int[] SectorSizes = [512, 4096, 1024, 2048];

    private readonly List<Partition> _partitions = [];

    private GuidPartitionTable()
    {
    }

    public IReadOnlyList<Partition> Partitions => _partitions;

    /// <summary>Gets a value indicating whether the entries are what their writer wrote.</summary>
    private bool IsSound { get; set; }

    /// <summary>Looks for a table.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="expected">Whether the first sector promises a table, so that it is a fault if there is none.</param>
    /// <param name="alsoBackup">Whether to look for a backup even where nothing is left of the primary table.</param>
    /// <param name="faults">Where faults go that leave something to read.</param>
    /// <returns>The table, or <see langword="null"/> if there is none that can be read.</returns>
    public static GuidPartitionTable? Find(ByteSource disk, bool expected, bool alsoBackup, List<ImageFault> faults)
    {
        int known = faults.Count;
        foreach (int sectorSize in SectorSizes)
        {
            GuidPartitionTable? primary = ReadAt(disk, 1, sectorSize, faults);
            if (primary is { IsSound: true })
            {
                return primary;
            }

            // Guests follow a backup only where the first sector promises a table; elsewhere it may be left from long ago.
            bool isSought = expected || alsoBackup || primary is not null || faults.Count > known;
            if (isSought && ReadAt(disk, (disk.Length / sectorSize) - 1, sectorSize, faults) is { } backup)
            {
                if (faults.Count == known)
                {
                    faults.Add(Missing(sectorSize, "the primary table is not there; its backup was read"));
                }

                // A guest may believe either of two tables that differ.
                backup._partitions.AddRange(primary?._partitions ?? []);
                return backup;
            }

            if (primary is not null)
            {
                return primary;
            }
        }

        if (expected && faults.Count == known)
        {
            faults.Add(Missing(SectorSizes[0], "the first sector promises a GPT, and there is none"));
        }

        return null;

        static ImageFault Missing(long offset, string detail)
            => new(ImageFaultKind.Missing, GptHeader.Structure, "Signature", offset, detail);
    }

    private static GuidPartitionTable? ReadAt(ByteSource disk, long lba, int sectorSize, List<ImageFault> faults)
    {
        byte[] sector = new byte[sectorSize];
        long origin = lba * sectorSize;
        try
        {
            if (lba < 1 || disk.Read(origin, sector) < sectorSize || !GptHeader.HasSignature(sector))
            {
                return null;
            }

            GptHeader header = GptHeader.Parse(sector, origin, (ulong)lba);
            return ReadEntries(disk, header, sectorSize, faults);
        }
        catch (ImageFormatException e)
        {
            faults.Add(e.Fault);
            return null;
        }
    }

    private static GuidPartitionTable ReadEntries(ByteSource disk, GptHeader header, int sectorSize, List<ImageFault> faults)
    {
        if (header.EntriesLba > (ulong)(disk.Length / sectorSize))
        {
            throw new ImageFormatException(new ImageFault(
                ImageFaultKind.Truncated, GptHeader.Structure, "PartitionEntryLba", 0, $"sector {header.EntriesLba} lies behind the disk"));
        }

        GuidPartitionTable table = new();
        Crc32 crc = new();
        byte[] entry = new byte[header.EntrySize];
        for (int i = 0; i < header.EntryCount; i++)
        {
            long origin = ((long)header.EntriesLba * sectorSize) + ((long)i * header.EntrySize);
            disk.ReadExactly(origin, entry, "GptEntry");
            crc.Append(entry);
            table.Add(GptEntry.Parse(entry, origin), i + 1, disk, sectorSize, origin, faults);
        }

        table.IsSound = crc.GetCurrentHashAsUInt32() == header.EntriesCrc32;
        if (!table.IsSound)
        {
            // Used all the same: an entry that is wrong leads to a volume that says so, one that is right must not be lost.
            faults.Add(new ImageFault(
                ImageFaultKind.Mismatch, GptHeader.Structure, "PartitionEntryArrayCrc32", (long)header.EntriesLba * sectorSize,
                $"0x{header.EntriesCrc32:X8} is stored, the entries' checksum is 0x{crc.GetCurrentHashAsUInt32():X8}"));
        }

        return table;
    }

    private void Add(GptEntry entry, int number, ByteSource disk, int sectorSize, long origin, List<ImageFault> faults)
    {
        if (!entry.IsUsed)
        {
            return;
        }

        try
        {
            _partitions.Add(entry.ToPartition(number, disk.Length, sectorSize, origin));
        }
        catch (ImageFormatException e)
        {
            faults.Add(e.Fault);
        }
    }
}
