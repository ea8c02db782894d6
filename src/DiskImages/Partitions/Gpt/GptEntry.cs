using System.Text;

namespace Symantec.Virtualization.DiskImages.Partitions.Gpt;

/// <summary>One entry of a GUID partition table: 128 bytes or more, little-endian.</summary>
/// <remarks>Source: UEFI 2.10, section 5.3.3.</remarks>
/// <param name="Type">The stated type; all zeros for an unused entry.</param>
/// <param name="FirstLba">The first sector.</param>
/// <param name="LastLba">The last sector, which belongs to the partition.</param>
/// <param name="Name">The name, hostile.</param>
internal readonly record struct GptEntry(Guid Type, ulong FirstLba, ulong LastLba, string Name)
{
    public const int MinSize = 128;

    private const int NameSize = 72;

    private static class At
    {
        public const int PartitionTypeGuid = 0x00;
        public const int StartingLba = 0x20;
        public const int EndingLba = 0x28;
        public const int PartitionName = 0x38;
    }

    public bool IsUsed => Type != Guid.Empty;

    public static GptEntry Parse(ReadOnlySpan<byte> bytes, long origin)
    {
        FieldView view = new(bytes, "GptEntry", origin);
        string name = Encoding.Unicode.GetString(view.Bytes(At.PartitionName, NameSize));
        int end = name.IndexOf('\0', StringComparison.Ordinal);
        return new GptEntry(
            view.Guid(At.PartitionTypeGuid), view.U64(At.StartingLba), view.U64(At.EndingLba), end < 0 ? name : name[..end]);
    }

    /// <summary>Turns the entry into a partition of a disk.</summary>
    /// <exception cref="ImageFormatException">Its end lies before its start, or its start behind the disk.</exception>
    public Partition ToPartition(int number, long diskLength, int sectorSize, long origin)
    {
        ulong sectors = (ulong)(diskLength / sectorSize);
        if (FirstLba >= sectors)
        {
            throw Fault(ImageFaultKind.Truncated, At.StartingLba, $"sector {FirstLba} lies behind the disk's {sectors} sectors", nameof(At.StartingLba));
        }

        if (LastLba < FirstLba || LastLba >= long.MaxValue / (ulong)sectorSize)
        {
            throw Fault(ImageFaultKind.InvalidValue, At.EndingLba, $"the last sector {LastLba} does not follow the first, {FirstLba}", nameof(At.EndingLba));
        }

        long length = (long)(LastLba - FirstLba + 1) * sectorSize;
        return new Partition(number, (long)FirstLba * sectorSize, length, GptTypes.Describe(Type), Name) { IsReserved = GptTypes.IsReserved(Type) };

        ImageFormatException Fault(ImageFaultKind kind, int offset, string detail, string field)
            => new(new ImageFault(kind, "GptEntry", field, origin + offset, detail));
    }
}
