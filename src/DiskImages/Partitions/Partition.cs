namespace Symantec.Virtualization.DiskImages;

/// <summary>A part of a disk that a partition table sets aside, or the whole of a disk that has no table.</summary>
/// <param name="Number">The number in the table, from 1 (logical partitions of an MBR from 5); 0 for the whole disk.</param>
/// <param name="Offset">The offset of the first byte on the disk.</param>
/// <param name="Length">The length in bytes, cut where the disk ends.</param>
/// <param name="Type">The type that the table states, in words where it is known: <c>NTFS (07)</c>. It proves nothing.</param>
/// <param name="Name">The name that the table gives, hostile; empty where tables give none.</param>
public sealed record Partition(int Number, long Offset, long Length, string Type, string Name)
{
    /// <summary>Gets a value indicating whether partitions of the stated type hold no file system by design.</summary>
    internal bool IsReserved { get; init; }
}
