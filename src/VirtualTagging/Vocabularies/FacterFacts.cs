namespace Symantec.Virtualization.VirtualTagging;

/// <summary>The facts of facter that speak about virtualization.</summary>
/// <remarks>Source: the core facts <c>virtual</c> and <c>is_virtual</c> of facter 4.</remarks>
public static class FacterFacts
{
    /// <summary>Gets the facts.</summary>
    /// <param name="tag">The tag.</param>
    /// <returns>The value of <c>virtual</c>, and that of <c>is_virtual</c>.</returns>
    public static (string Virtual, bool IsVirtual) Of(VirtualizationTag tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        string? container = tag.Container?.Runtime switch
        {
            "docker" or "podman" or "lxc" or "openvz" or "systemd-nspawn" => tag.Container.Runtime.Replace('-', '_'),
            "illumos-lx" => "zone",
            _ => null,
        };
        if (container is not null)
        {
            return (container, true);
        }

        if (tag is { Machine: MachineKind.Virtual, Hypervisor: { } hypervisor })
        {
            string word = Products.Spoken(hypervisor)?.Facter ?? "physical";
            return (hypervisor.Mode == "hvm" && word == "xenu" ? "xenhvm" : word, true);
        }

        return (tag.Role == PartitionRole.Dom0 ? "xen0" : "physical", false);
    }
}
