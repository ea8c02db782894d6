namespace Symantec.Virtualization.VirtualTagging.Tests;

/// <summary>Machines that nobody captured, put together from what specifications and sources of hypervisors say; each snapshot is marked so.</summary>
internal static class Synthetic
{
    public const uint RootRights = 0x002B_B9FF;         // as dumps of root partitions have them: bits 0 and 12
    public const uint GuestRights = 0x0038_80B0;        // as a guest has them
    public const uint L1vhRights = 0x0000_0001;         // may make partitions, and does not own the processors
    public const uint IsolatedRights = GuestRights | (1u << 22);

    private const uint HypervisorBit = 1u << 31;

    public static EvidenceSnapshot Machine(params (uint Leaf, CpuidLeaf Registers)[] leaves)
        => new() { Note = "synthetic", OperatingSystem = "windows", Architecture = "x64", Cpuid = Processor(leaves) };

    /// <summary>An Intel processor under a hypervisor, and leaves of that.</summary>
    public static CpuidTable Processor(params (uint Leaf, CpuidLeaf Registers)[] leaves) => Intel(HypervisorBit, leaves);

    /// <summary>An Intel processor that denies a hypervisor.</summary>
    public static CpuidTable Bare() => Intel(0);

    /// <summary>A leaf that names a hypervisor.</summary>
    public static CpuidLeaf Named(string signature, uint last)
        => CapturedMachine.Signature(signature).Find(0x4000_0000)!.Value with { Eax = last };

    /// <summary>The leaves of Hyper-V's interface.</summary>
    public static (uint, CpuidLeaf)[] HyperV(uint rights, uint features = 0, string signature = "Microsoft Hv", CpuidLeaf isolation = default) =>
    [
        (0x4000_0000, Named(signature, 0x4000_000C)),
        (0x4000_0001, new(0x3123_7648, 0, 0, 0)),
        (0x4000_0002, new(20348, 0x000A_0000, 0, 0)),
        (0x4000_0003, new(0x3FFF, rights, 0, 0)),
        (0x4000_0004, new(features, 0, 0, 0)),
        (0x4000_000C, isolation),
    ];

    public static SmbiosFacts Firmware(string vendor, string product, string? tag = null)
        => new() { SysVendor = vendor, ProductName = product, ChassisAssetTag = tag };

    private static CpuidTable Intel(uint features, params (uint Leaf, CpuidLeaf Registers)[] leaves) => new(
    [
        (0u, 0u, new CpuidLeaf(0x16, 0x756E_6547, 0x6C65_746E, 0x4965_6E69)),
        (1u, 0u, new CpuidLeaf(0, 0, features, 0)),
        .. leaves.Select(static leaf => (leaf.Leaf, 0u, leaf.Registers)),
    ]);
}
