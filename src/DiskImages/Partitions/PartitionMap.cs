using Symantec.Virtualization.DiskImages.Partitions.Gpt;
using Symantec.Virtualization.DiskImages.Partitions.Mbr;

namespace Symantec.Virtualization.DiskImages.Partitions;

/// <summary>How a disk is divided. Where two readings are possible, both are taken: what a guest might see must be seen here.</summary>
internal sealed class PartitionMap
{
    private readonly List<Partition> _partitions = [];
    private readonly List<ImageFault> _faults = [];

    private PartitionMap()
    {
    }

    /// <summary>Gets <c>GPT</c>, <c>MBR</c> or <c>none</c>.</summary>
    public string Scheme { get; private set; } = "none";

    public IReadOnlyList<Partition> Partitions => _partitions;

    public IReadOnlyList<ImageFault> Faults => _faults;

    /// <summary>Reads the partition tables of a disk.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="holdsFileSystem">Tells whether a file system begins at an offset of the disk.</param>
    public static PartitionMap Read(ByteSource disk, Func<long, bool> holdsFileSystem)
    {
        PartitionMap map = new();
        MasterBootRecord? mbr = MasterBootRecord.TryRead(disk, map._faults);
        bool wholeDisk = holdsFileSystem(0);

        // Whatever the first sector holds: a GPT has a checksum, so that nothing else looks like one.
        map.AddGpt(disk, expected: mbr is { IsProtective: true }, alsoBackup: mbr is null or { IsEmpty: true });
        if (mbr is { IsEmpty: false })
        {
            map.AddMbr(disk, mbr, wholeDisk, holdsFileSystem);
        }

        // A disk that is divided in no known way is shown as one volume, which then says what it looks like.
        if (wholeDisk || (map.Scheme == "none" && map._faults.Count == 0))
        {
            map.Add(disk, new Partition(0, 0, disk.Length, "whole disk", ""));
        }

        return map;
    }

    private void AddGpt(ByteSource disk, bool expected, bool alsoBackup)
    {
        GuidPartitionTable? table = GuidPartitionTable.Find(disk, expected, alsoBackup, _faults);
        if (table is not null && (expected || alsoBackup || table.Partitions.Count > 0))
        {
            Scheme = "GPT";
            foreach (Partition partition in table.Partitions)
            {
                Add(disk, partition);
            }
        }
    }

    private void AddMbr(ByteSource disk, MasterBootRecord mbr, bool wholeDisk, Func<long, bool> holdsFileSystem)
    {
        // The boot sector of a file system ends in the same signature, with code or text where a table would be.
        (MasterBootRecord table, IReadOnlyList<MbrEntry> leftOut) = mbr.Sift(holdsFileSystem, onlyFileSystems: wholeDisk && !mbr.IsPlausible);
        int sectorSize = table.GuessSectorSize(holdsFileSystem);
        foreach (Partition partition in table.ReadPartitions(disk, sectorSize, _faults))
        {
            Scheme = Scheme == "none" ? "MBR" : Scheme;
            Add(disk, partition);
        }

        // Guests with other sectors count in another unit; only what they would find there counts.
        foreach (int other in MasterBootRecord.SectorSizes.Where(size => size != sectorSize))
        {
            foreach (Partition partition in table.ReadPartitions(disk, other, []).Where(partition => holdsFileSystem(partition.Offset)))
            {
                Add(disk, partition with { Number = _partitions.Max(static known => known.Number) + 1 });
            }
        }

        if (!wholeDisk && _partitions.Count > 0)
        {
            _faults.AddRange(leftOut.Select(static entry => new ImageFault(
                ImageFaultKind.InvalidValue, "MasterBootRecord", "Status", entry.Origin,
                $"0x{entry.Status:X2} with a start at sector {entry.Start} is no partition's; the entry was left out")));
        }
    }

    private void Add(ByteSource disk, Partition partition)
    {
        // Hybrid tables list the same partition twice.
        if (_partitions.Exists(known => known.Offset == partition.Offset && known.Number != 0))
        {
            return;
        }

        if (partition.Length > disk.Length - partition.Offset)
        {
            _faults.Add(new ImageFault(
                ImageFaultKind.Truncated, "Partition", "Length", Math.Min(disk.Length, partition.Offset),
                $"partition {partition.Number} ends {partition.Offset + (decimal)partition.Length - disk.Length} bytes behind the disk"));
            partition = partition with { Length = disk.Length - partition.Offset };
        }

        if (partition.Length > 0)
        {
            _partitions.Add(partition);
        }
    }
}
