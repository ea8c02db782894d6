namespace Symantec.Virtualization.VirtualTagging;

/// <summary>The facts of virt-what.</summary>
/// <remarks>Source: virt-what(1).</remarks>
public static class VirtWhatFacts
{
    /// <summary>Gets the facts, as virt-what prints them, a line each.</summary>
    /// <param name="tag">The tag.</param>
    /// <returns>The facts; none for a physical machine.</returns>
    public static IReadOnlyList<string> Of(VirtualizationTag tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        List<string> facts = [];
        if (tag.Hypervisor is { } hypervisor)
        {
            string words = tag.Machine == MachineKind.Virtual ? Products.Spoken(hypervisor)?.VirtWhat ?? "" : tag.Role == PartitionRole.Dom0 ? "xen xen-dom0" : "";
            facts.AddRange(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            if (facts is ["qemu"] && hypervisor.Family == Products.Kvm)
            {
                facts = ["kvm"];
            }

            string? mode = hypervisor.Mode switch
            {
                "hvm" when hypervisor.Family == Products.Xen => "xen-hvm",
                "pv" => "xen-domU",
                "lpar-shared" => "ibm_power-lpar_shared",
                "lpar-dedicated" => "ibm_power-lpar_dedicated",
                _ => null,
            };
            if (mode is not null)
            {
                facts.Remove("ibm_power-lpar");
                facts.Add(mode);
            }
        }

        AddCloud(tag, facts);
        if (tag.Container?.Runtime is "docker" or "podman" or "lxc" or "openvz" or "oci" or "illumos-lx" or "crun")
        {
            facts.Add(tag.Container.Runtime);
        }
        else if (tag.Container?.Runtime == "linux-vserver")
        {
            facts.AddRange(["linux_vserver", "linux_vserver-guest"]);
        }

        return facts;
    }

    private static void AddCloud(VirtualizationTag tag, List<string> facts)
    {
        string? cloud = tag.Cloud?.Provider switch
        {
            "aws" => "aws",
            "gcp" => "google_cloud",
            "alibaba" => tag.Machine == MachineKind.Virtual ? "alibaba_cloud" : "alibaba_cloud-ebm",
            "upcloud" => "upcloud",
            _ => null,
        };
        if (cloud is not null && !facts.Contains(cloud))
        {
            facts.Add(cloud);
        }
    }
}
