namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What a machine is, on independent axes, and what each answer stands on. Immutable.</summary>
public sealed record VirtualizationTag
{
    /// <summary>Gets whether the machine is physical or virtual.</summary>
    public MachineKind Machine { get; init; }

    /// <summary>Gets the hypervisor; <see langword="null"/> if there is none, or none is known.</summary>
    public HypervisorTag? Hypervisor { get; init; }

    /// <summary>Gets what the operating system is to the innermost hypervisor.</summary>
    public PartitionRole Role { get; init; }

    /// <summary>Gets the cloud; <see langword="null"/> if none is known.</summary>
    public CloudTag? Cloud { get; init; }

    /// <summary>Gets the container; <see langword="null"/> if none is known.</summary>
    public ContainerTag? Container { get; init; }

    /// <summary>Gets how the guest's memory is kept from its host; <see langword="null"/> if nothing says so.</summary>
    public ConfidentialTag? Confidential { get; init; }

    /// <summary>Gets the virtual desktop; <see langword="null"/> if no broker's agent is there.</summary>
    public DesktopTag? Desktop { get; init; }

    /// <summary>Gets a value indicating whether the hypervisor offers a generation number, which changes when the machine is cloned or taken back.</summary>
    public bool HasGenerationId { get; init; }

    /// <summary>Gets the layers between hardware and process, the outermost first.</summary>
    public IReadOnlyList<ChainLink> Chain { get; init => field = value ?? []; } = [];

    /// <summary>Gets what each answer stands on.</summary>
    public IReadOnlyList<AxisEvidence> Evidence { get; init => field = value ?? []; } = [];

    /// <summary>Gets what was there and could not be read.</summary>
    public IReadOnlyList<UnreadSource> Unread { get; init => field = value ?? []; } = [];
}
