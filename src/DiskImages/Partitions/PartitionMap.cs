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
        if (mbr is { IsProtective: true } or null or { IsEmpty: true })
        {
            map.AddGpt(disk, expected: mbr is { IsProtective: true });
        }

        // A boot sector of a file system carries the same signature, with code where a table would be.
        if (mbr is { IsPlausible: true, IsEmpty: false })
        {
            map.AddMbr(disk, mbr, holdsFileSystem);
        }

        // A disk that is divided in no known way is shown as one volume, which then says what it looks like.
        if (wholeDisk || (map.Scheme == "none" && map._faults.Count == 0))
        {
            map.Add(disk, new Partition(0, 0, disk.Length, "whole disk", ""));
        }

        return map;
    }

    private void AddGpt(ByteSource disk, bool expected)
    {
        GuidPartitionTable? table = GuidPartitionTable.Find(disk, expected, _faults);
        if (table is not null)
        {
            Scheme = "GPT";
            foreach (Partition partition in table.Partitions)
            {
                Add(disk, partition);
            }
        }
    }

    private void AddMbr(ByteSource disk, MasterBootRecord mbr, Func<long, bool> holdsFileSystem)
    {
        int sectorSize = mbr.GuessSectorSize(holdsFileSystem);
        foreach (Partition partition in mbr.ReadPartitions(disk, sectorSize, _faults))
        {
            Scheme = Scheme == "none" ? "MBR" : Scheme;
            Add(disk, partition);
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
