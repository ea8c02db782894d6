namespace Symantec.Virtualization.DiskImages;

/// <summary>A number of 512-byte sectors, the unit of VMDK and of partition tables on such disks: from 0 to 2^54 - 1.</summary>
/// <param name="Value">The number.</param>
internal readonly record struct SectorCount(long Value)
{
    public const int SectorSize = 512;

    /// <summary>The largest number whose bytes a <see cref="long"/> can count.</summary>
    public const long Max = long.MaxValue / SectorSize;

    public long Bytes => Value * SectorSize;

    public override string ToString() => $"{Value} sectors";
}
