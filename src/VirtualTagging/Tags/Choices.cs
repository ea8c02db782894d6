using System.Text.Json.Serialization;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What a machine is.</summary>
[JsonConverter(typeof(WordConverter<MachineKind>))]
public enum MachineKind
{
    /// <summary>The evidence does not suffice, or what would decide could not be read.</summary>
    Unknown,

    /// <summary>A machine of its own; a hypervisor may run on it.</summary>
    Physical,

    /// <summary>A machine under a hypervisor, or a partition of one.</summary>
    Virtual,
}

/// <summary>What the operating system is to the hypervisor.</summary>
[JsonConverter(typeof(WordConverter<PartitionRole>))]
public enum PartitionRole
{
    /// <summary>There is no hypervisor, or it is not known what the operating system is to it.</summary>
    None,

    /// <summary>A guest.</summary>
    Guest,

    /// <summary>The root partition of Hyper-V: it owns the devices. On hardware it makes no virtual machine; inside a virtual machine it is that machine's own hypervisor.</summary>
    Root,

    /// <summary>The control domain of Xen.</summary>
    Dom0,

    /// <summary>A guest of Azure that starts guests beside itself (level-1 virtual host).</summary>
    L1vh,

    /// <summary>A host that runs guests on a hypervisor of its kernel.</summary>
    Host,
}

/// <summary>How the memory of a guest is kept from its host.</summary>
[JsonConverter(typeof(WordConverter<ConfidentialTechnology>))]
public enum ConfidentialTechnology
{
    /// <summary>The guest is confidential, and it is not known by what.</summary>
    Unknown,

    /// <summary>Hyper-V isolates the guest by virtualization-based security.</summary>
    Vbs,

    /// <summary>AMD SEV or SEV-ES.</summary>
    Sev,

    /// <summary>AMD SEV-SNP.</summary>
    SevSnp,

    /// <summary>Intel TDX.</summary>
    Tdx,
}

/// <summary>How a desktop is given to users.</summary>
[JsonConverter(typeof(WordConverter<DesktopPoolKind>))]
public enum DesktopPoolKind
{
    /// <summary>It is not known.</summary>
    Unknown,

    /// <summary>A desktop for one user, who keeps it.</summary>
    Assigned,

    /// <summary>A desktop from a pool.</summary>
    Pooled,
}

/// <summary>How a machine was made from its base image.</summary>
[JsonConverter(typeof(WordConverter<CloneKind>))]
public enum CloneKind
{
    /// <summary>It is not known, or it is no clone.</summary>
    Unknown,

    /// <summary>An instant clone of Horizon.</summary>
    InstantClone,

    /// <summary>A machine of Citrix Machine Creation Services.</summary>
    MachineCreation,

    /// <summary>A disk streamed by Citrix Provisioning.</summary>
    ProvisioningStream,
}
