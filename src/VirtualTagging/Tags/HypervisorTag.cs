namespace Symantec.Virtualization.VirtualTagging;

/// <summary>The hypervisor that a machine runs under, or that runs on it.</summary>
public sealed record HypervisorTag
{
    /// <summary>Gets the hypervisor's family, a word of <see cref="Products"/>: <c>kvm</c>, <c>hyperv</c>, <c>vmware</c>, <c>xen</c> ...; several products share one.</summary>
    public required string Family { get; init; }

    /// <summary>Gets the product, a word of <see cref="Products"/>: <c>proxmox</c>, <c>nutanix-ahv</c>, <c>aws-nitro</c> ...; the family's word if no more is known.</summary>
    public required string Product { get; init; }

    /// <summary>Gets the product's name as people know it.</summary>
    public required string Name { get; init; }

    /// <summary>Gets who makes the product.</summary>
    public required string Vendor { get; init; }

    /// <summary>Gets the version, as far as the machine tells it; else <see langword="null"/>.</summary>
    public string? Version { get; init; }

    /// <summary>
    /// Gets the family whose interface the hypervisor shows by CPUID; <see langword="null"/> if none. It is not the product: VirtualBox and Parallels show KVM's, QEMU on
    /// request Hyper-V's.
    /// </summary>
    public string? Interface { get; init; }

    /// <summary>Gets the kind of guest where there are several: <c>hvm</c>, <c>pv</c>, <c>pvh</c>, <c>lpar-dedicated</c>, <c>lpar-shared</c>; else <see langword="null"/>.</summary>
    public string? Mode { get; init; }
}
