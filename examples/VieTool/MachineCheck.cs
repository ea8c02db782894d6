using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>Images are sealed in virtual machines: on a physical one a seal would outlive the clean state that it vouches for.</summary>
internal static class MachineCheck
{
    /// <summary>Tells why a machine is none that images are sealed in; <see langword="null"/> if it is a guest.</summary>
    public static string? WhyNot(VirtualizationTag tag) => tag switch
    {
        // A guest of Azure that has guests of its own beside it is one all the same.
        { Machine: MachineKind.Virtual, Role: PartitionRole.Guest or PartitionRole.L1vh } => null,
        { Machine: MachineKind.Virtual } => $"This system is the {tag.Role.ToString().ToLowerInvariant()} of a hypervisor, not a guest",
        { Machine: MachineKind.Physical } => "This is a physical machine",
        _ => "Whether this machine is virtual cannot be told",
    };
}
