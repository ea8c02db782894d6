namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What findings say of the operating system's role.</summary>
internal static class RoleWords
{
    public const string Root = "root";
    public const string Dom0 = "dom0";
    public const string L1vh = "l1vh";
    public const string Host = "host";

    public static PartitionRole Role(string? word) => word switch
    {
        Root => PartitionRole.Root,
        Dom0 => PartitionRole.Dom0,
        L1vh => PartitionRole.L1vh,
        Host => PartitionRole.Host,
        _ => PartitionRole.None,
    };
}
