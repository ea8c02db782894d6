namespace Symantec.Virtualization.VirtualTagging;

/// <summary>A product that runs virtual machines, and what other tools call it.</summary>
/// <param name="Id">Its word here.</param>
/// <param name="Name">Its name as people know it.</param>
/// <param name="Vendor">Who makes it.</param>
/// <param name="Family">The word of the hypervisor that it is built on.</param>
public sealed record HypervisorProduct(string Id, string Name, string Vendor, string Family)
{
    /// <summary>Gets the product that it is a closer word for, if any: Proxmox for QEMU, QEMU for KVM.</summary>
    public string? Refines { get; init; }

    /// <summary>Gets the word of systemd-detect-virt.</summary>
    /// <value>The default value is <c>vm-other</c>.</value>
    public string Systemd { get; init; } = "vm-other";

    /// <summary>Gets the facts of virt-what, separated by spaces; it has none for some products.</summary>
    public string VirtWhat { get; init; } = "";

    /// <summary>Gets facter's value of <c>virtual</c>.</summary>
    /// <value>The default value is <c>physical</c>, which facter says of what it does not know.</value>
    public string Facter { get; init; } = "physical";
}
