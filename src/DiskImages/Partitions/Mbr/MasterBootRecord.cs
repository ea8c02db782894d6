namespace Symantec.Virtualization.DiskImages.Partitions.Mbr;

/// <summary>The partition table of the first sector, with the chain of extended boot records that it may begin.</summary>
/// <remarks>Source: UEFI 2.10, section 5.2; extended partitions as DOS, Windows and Linux write them.</remarks>
internal sealed class MasterBootRecord
{
    public const int Size = 512;

    private const string Structure = "MasterBootRecord";

    /// <summary>Windows stops at 128 volumes; fdisk at 60 logical partitions.</summary>
    private const int MaxLogicalPartitions = 256;

    /// <summary>The units in which tables count.</summary>
    public static readonly int[] SectorSizes = [512, 4096];

    private readonly MbrEntry[] _entries;

    private MasterBootRecord(MbrEntry[] entries) => _entries = entries;

    /// <summary>Gets a value indicating whether the table guards a GPT. Guests look at the type alone, whatever else is odd.</summary>
    public bool IsProtective => Array.Exists(_entries, static entry => entry.IsGptProtection);

    /// <summary>Gets a value indicating whether no entry is used.</summary>
    public bool IsEmpty => Array.TrueForAll(_entries, static entry => !entry.IsUsed);

    /// <summary>Gets a value indicating whether all entries look like a table's, and not like boot code or text.</summary>
    public bool IsPlausible => Array.TrueForAll(_entries, static entry => entry.IsPlausible);

    /// <summary>Gets the table without the entries that are none, and those that were left out; one at which a file system begins is never left out.</summary>
    /// <param name="holdsFileSystem">Tells whether a file system begins at an offset of the disk.</param>
    /// <param name="onlyFileSystems">Whether a file system must begin at every entry, as where the first sector may be boot code.</param>
    public (MasterBootRecord Table, IReadOnlyList<MbrEntry> LeftOut) Sift(Func<long, bool> holdsFileSystem, bool onlyFileSystems)
    {
        List<MbrEntry> leftOut = [];
        MbrEntry[] kept = Array.ConvertAll(_entries, entry =>
        {
            bool isKept = !entry.IsUsed || (entry.IsPlausible && !onlyFileSystems) || (entry.Start > 0 && Array.Exists(SectorSizes, size => holdsFileSystem((long)entry.Start * size)));
            if (!isKept)
            {
                leftOut.Add(entry);
            }

            return isKept ? entry : entry with { Type = 0 };
        });
        return (new MasterBootRecord(kept), leftOut);
    }

    /// <summary>Reads the first sector; <see langword="null"/> if it has no boot signature, or cannot be read.</summary>
    public static MasterBootRecord? TryRead(ByteSource disk, List<ImageFault> faults)
    {
        Span<byte> bytes = stackalloc byte[Size];
        try
        {
            return disk.Read(0, bytes) == Size && MbrEntry.HasSignature(bytes) ? new MasterBootRecord(MbrEntry.ParseTable(bytes, 0, Structure)) : null;
        }
        catch (ImageFormatException e)
        {
            // A GPT behind the sector may still be read.
            faults.Add(e.Fault);
            return null;
        }
    }

    /// <summary>Finds the unit of the table's addresses: 512 bytes, unless file systems begin where another unit puts them.</summary>
    public int GuessSectorSize(Func<long, bool> holdsFileSystem)
    {
        foreach (int size in SectorSizes)
        {
            if (Array.Exists(_entries, entry => entry.IsUsed && holdsFileSystem((long)entry.Start * size)))
            {
                return size;
            }
        }

        return 512;
    }

    /// <summary>Lists the primary partitions and, behind each extended one, its logical partitions.</summary>
    public List<Partition> ReadPartitions(ByteSource disk, int sectorSize, List<ImageFault> faults)
    {
        List<Partition> partitions = [];
        for (int i = 0; i < _entries.Length; i++)
        {
            MbrEntry entry = _entries[i];
            if (entry.IsUsed && !entry.IsExtended && !entry.IsGptProtection)
            {
                AddIfOnDisk(partitions, i + 1, entry, origin: 0, disk, sectorSize, faults);
            }
        }

        foreach (MbrEntry extended in Array.FindAll(_entries, static entry => entry.IsExtended))
        {
            try
            {
                AddLogical(partitions, extended, disk, sectorSize, faults);
            }
            catch (ImageFormatException e)
            {
                faults.Add(e.Fault);
            }
        }

        return partitions;
    }

    /// <summary>Follows the chain: the next link counts from the first record, a logical partition from its own record.</summary>
    private static void AddLogical(List<Partition> partitions, MbrEntry extended, ByteSource disk, int sectorSize, List<ImageFault> faults)
    {
        Span<byte> bytes = stackalloc byte[Size];
        HashSet<long> visited = [];
        long first = extended.Start;
        long record = first;
        int number = Math.Max(5, partitions.Count == 0 ? 5 : partitions[^1].Number + 1);
        while (true)
        {
            long origin = record * sectorSize;
            if (!visited.Add(record))
            {
                throw Fault(ImageFaultKind.Loop, "Link", origin, "the chain comes back to a record that it went through");
            }

            if (visited.Count > MaxLogicalPartitions)
            {
                throw Fault(ImageFaultKind.LimitExceeded, "Link", origin, $"more than {MaxLogicalPartitions} logical partitions");
            }

            disk.ReadExactly(origin, bytes, MbrEntry.ExtendedStructure);
            if (!MbrEntry.HasSignature(bytes))
            {
                throw Fault(ImageFaultKind.InvalidValue, "Signature", origin, "the record does not end in 55 AA");
            }

            MbrEntry[] entries = MbrEntry.ParseTable(bytes, origin, MbrEntry.ExtendedStructure);
            foreach (MbrEntry entry in Array.FindAll(entries, static entry => entry.IsUsed && !entry.IsExtended))
            {
                AddIfOnDisk(partitions, number++, entry, record, disk, sectorSize, faults);
            }

            MbrEntry next = Array.Find(entries, static entry => entry.IsExtended);
            if (!next.IsUsed)
            {
                return;
            }

            record = first + next.Start;
        }

        static ImageFormatException Fault(ImageFaultKind kind, string field, long offset, string detail)
            => new(new ImageFault(kind, MbrEntry.ExtendedStructure, field, offset, detail));
    }

    private static void AddIfOnDisk(
        List<Partition> partitions, int number, MbrEntry entry, long origin, ByteSource disk, int sectorSize, List<ImageFault> faults)
    {
        long offset = (origin + entry.Start) * sectorSize;
        if (offset < disk.Length)
        {
            partitions.Add(new Partition(number, offset, entry.Count * (long)sectorSize, MbrTypes.Describe(entry.Type), ""));
            return;
        }

        faults.Add(new ImageFault(
            ImageFaultKind.Truncated, "Partition", "Start", entry.Origin, $"partition {number} begins at 0x{offset:X}, behind the disk's {disk.Length} bytes"));
    }
}
