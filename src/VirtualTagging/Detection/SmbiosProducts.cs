using static Symantec.Virtualization.VirtualTagging.EvidenceWeight;
using static Symantec.Virtualization.VirtualTagging.SmbiosMembers;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What firmware says of the hypervisor's product.</summary>
/// <remarks>
/// Makers of hypervisors sell hardware as well, and models of hardware contain the words: a maker alone counts only where it makes no machines, and a model alone only
/// where no other maker uses it.
/// </remarks>
internal static class SmbiosProducts
{
    public static IReadOnlyList<SmbiosRule> Rules { get; } =
    [
        new(Products.Vmware, Proof, Vendor("VMware, Inc."), Product("VMware", TextMatch.Starts)),
        new(Products.Vmware, Strong, Vendor("VMware, Inc.")),
        new(Products.Vmware, Strong, BiosVendor("VMware, Inc."), BiosVersion("VMW", TextMatch.Starts)),

        new(Products.VirtualPc, Proof, Vendor("Microsoft Corporation"), Product("Virtual Machine"), Version("VS2005", TextMatch.Starts)),
        new(Products.HyperV, Proof, Vendor("Microsoft Corporation"), Product("Virtual Machine")),
        new(Products.HyperV, Proof, BiosVendor("Microsoft Corporation"), BiosVersion("Hyper-V UEFI Release", TextMatch.Starts)),

        new(Products.VirtualBox, Proof, Vendor("innotek GmbH"), Product("VirtualBox")),
        new(Products.VirtualBox, Strong, Product("VirtualBox")),
        new(Products.VirtualBox, Strong, BiosVersion("VirtualBox")),
        new(Products.VirtualBox, Strong, BoardVendor("Oracle Corporation"), Board("VirtualBox")),

        new(Products.OracleVm, Proof, Vendor("Xen"), Product("HVM domU"), Version(".OVM", TextMatch.Ends)),
        new(Products.Xen, Proof, Vendor("Xen"), Product("HVM domU")),
        new(Products.Xen, Strong, Product("HVM domU")),

        new(Products.Rhev, Proof, Vendor("Red Hat"), Product("RHEV Hypervisor")),
        new(Products.Rhev, Proof, Vendor("Red Hat"), Family("RHV")),
        new(Products.Ovirt, Proof, Vendor("oVirt"), Product("oVirt", TextMatch.Starts)),
        new(Products.Ovirt, Proof, Vendor("oVirt"), Family("RHV")),
        new(Products.OpenShiftVirtualization, Proof, Vendor("Red Hat"), Product("OpenShift Virtualization")),
        new(Products.KubeVirt, Proof, Vendor("KubeVirt")),
        new(Products.KubeVirt, Proof, Product("KubeVirt")),
        new(Products.KubeVirt, Proof, Family("KubeVirt")),
        new(Products.NutanixAhv, Proof, Vendor("Nutanix"), Product("AHV")),
        new(Products.OpenStack, Strong, Product("OpenStack Nova")),
        new(Products.OpenStack, Strong, Product("OpenStack Compute")),
        new(Products.OpenStack, Strong, Vendor("OpenStack Foundation")),
        new(Products.OpenStack, Strong, Vendor("RDO")),
        new(Products.Proxmox, Proof, BiosVendor("Proxmox distribution of EDK II")),
        new(Products.Incus, Proof, BoardVendor("LinuxContainers"), Board("Incus")),
        new(Products.Lxd, Proof, BoardVendor("Canonical Ltd."), Board("LXD")),

        new(Products.Kvm, Proof, Vendor("QEMU"), Product("KVM Virtual Machine")),
        new(Products.Kvm, Strong, Product("KVM")),
        new(Products.Kvm, Strong, Product("KVM Virtual Machine")),
        new(Products.Kvm, Strong, Product("CloudStack KVM Hypervisor")),
        new(Products.Qemu, Proof, Vendor("QEMU"), Product("Standard PC", TextMatch.Starts)),
        new(Products.Qemu, Proof, Vendor("QEMU"), Product("QEMU", TextMatch.Starts)),
        new(Products.Qemu, Strong, Vendor("QEMU")),
        // A provider may give its own name to the machine, and leave QEMU's to the rest.
        new(Products.Qemu, Strong, ChassisVendor("QEMU")),
        new(Products.Qemu, Strong, BiosVendor("QEMU")),
        new(Products.Qemu, Strong, Version("pc-i440fx-", TextMatch.Starts)),
        new(Products.Qemu, Strong, Version("pc-q35-", TextMatch.Starts)),
        new(Products.Bochs, Strong, ChassisVendor("Bochs")),
        new(Products.Bochs, Strong, BiosVendor("Bochs")),
        new(Products.Bochs, Strong, Vendor("Bochs")),
        new(Products.Bochs, Strong, Product("Bochs")),

        new(Products.Parallels, Proof, Vendor("Parallels", TextMatch.Starts), Product("Parallels", TextMatch.Starts)),
        new(Products.Parallels, Strong, Vendor("Parallels Software International Inc.")),
        new(Products.Parallels, Strong, Vendor("Parallels International GmbH.")),
        new(Products.Bhyve, Proof, BiosVendor("BHYVE")),
        new(Products.Bhyve, Proof, Product("BHYVE")),
        new(Products.AppleVirtualization, Proof, Vendor("Apple Inc."), Product("Apple Virtualization Generic Platform")),
        new(Products.AppleVirtualization, Proof, Vendor("Apple Inc."), Product("VirtualMac", TextMatch.Starts)),
        new(Products.CloudHypervisor, Proof, Vendor("Cloud Hypervisor")),
        new(Products.CloudHypervisor, Proof, Product("cloud-hypervisor")),
        new(Products.Virtage, Proof, Vendor("HITACHI"), Product(" LPAR", TextMatch.Ends)),
        new(Products.Veertu, Strong, Vendor("Veertu")),

        new(Products.Nitro, Strong, Vendor("Amazon EC2")) { AlsoOnMetal = true },
        new(Products.Nitro, Strong, BiosVendor("Amazon EC2")) { AlsoOnMetal = true },
        new(Products.ComputeEngine, Strong, Product("Google Compute Engine")) { AlsoOnMetal = true },
        new(Products.AlibabaEcs, Strong, Vendor("Alibaba Cloud"), Product("Alibaba Cloud ECS")) { AlsoOnMetal = true },
        new(Products.Kvm, Strong, Vendor("DigitalOcean"), Product("Droplet")),
        new(Products.Kvm, Strong, Vendor("UpCloud"), Product("Cloud Server")),
        new(Products.Kvm, Strong, Vendor("Hetzner"), Product("vServer")),
        new(Products.Kvm, Strong, Vendor("Tencent Cloud"), Product("CVM")) { AlsoOnMetal = true },
        new(Products.Kvm, Strong, Vendor("Exoscale")),
        new(Products.Kvm, Strong, Vendor("Scaleway"), Product("SCW-", TextMatch.Starts)) { AlsoOnMetal = true },
        new(Products.Kvm, Strong, Product("CloudSigma")),
        new(Products.Kvm, Strong, Product("3DS Outscale VM")),
        new(Products.Kvm, Weak, Vendor("Scaleway")) { AlsoOnMetal = true },
        new(Products.Kvm, Weak, Vendor("Tilaa")) { AlsoOnMetal = true },
        new(Products.Kvm, Weak, Vendor("NWCS")) { AlsoOnMetal = true },
        new(Products.Kvm, Weak, Vendor("e24cloud")) { AlsoOnMetal = true },
        new(Products.Kvm, Weak, Product("CloudCIX")) { AlsoOnMetal = true },
        new(Products.Kvm, Weak, Vendor("Yandex")) { AlsoOnMetal = true },
        new(Products.Kvm, Weak, Vendor("Vultr")) { AlsoOnMetal = true },
        new(Products.Kvm, Weak, Vendor("Linode")) { AlsoOnMetal = true },
        new(Products.Kvm, Weak, Vendor("Akamai")) { AlsoOnMetal = true },
    ];
}
