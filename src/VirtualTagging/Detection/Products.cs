namespace Symantec.Virtualization.VirtualTagging;

/// <summary>The products that are known.</summary>
/// <remarks>The words of systemd are those of systemd-detect-virt(1), of virt-what those of virt-what(1), of facter those of its fact <c>virtual</c>.</remarks>
public static class Products
{
    internal const string Vmware = "vmware";
    internal const string HyperV = "hyperv";
    internal const string VirtualPc = "virtual-pc";
    internal const string Wsl2 = "wsl2";
    internal const string Kvm = "kvm";
    internal const string Qemu = "qemu";
    internal const string Bochs = "bochs";
    internal const string Proxmox = "proxmox";
    internal const string NutanixAhv = "nutanix-ahv";
    internal const string Rhev = "rhev";
    internal const string Ovirt = "ovirt";
    internal const string OpenStack = "openstack";
    internal const string KubeVirt = "kubevirt";
    internal const string OpenShiftVirtualization = "openshift-virtualization";
    internal const string Incus = "incus";
    internal const string Lxd = "lxd";
    internal const string Nitro = "aws-nitro";
    internal const string ComputeEngine = "google-compute-engine";
    internal const string AlibabaEcs = "alibaba-ecs";
    internal const string Firecracker = "firecracker";
    internal const string CloudHypervisor = "cloud-hypervisor";
    internal const string Crosvm = "crosvm";
    internal const string Kvmtool = "kvmtool";
    internal const string VirtualBox = "virtualbox";
    internal const string Parallels = "parallels";
    internal const string Bhyve = "bhyve";
    internal const string AppleVirtualization = "apple-virtualization";
    internal const string Veertu = "veertu";
    internal const string Xen = "xen";
    internal const string XenServer = "xenserver";
    internal const string XcpNg = "xcp-ng";
    internal const string OracleVm = "oracle-vm";
    internal const string Acrn = "acrn";
    internal const string Qnx = "qnx";
    internal const string Lmhs = "lmhs";
    internal const string OpenBsdVmm = "openbsd-vmm";
    internal const string Nvmm = "nvmm";
    internal const string Haxm = "haxm";
    internal const string UnisysSpar = "unisys-spar";
    internal const string Jailhouse = "jailhouse";
    internal const string IntelKgt = "intel-kgt";
    internal const string Hobby = "research-hypervisor";
    internal const string Emulator = "x86-emulator";
    internal const string Virtage = "hitachi-virtage";
    internal const string PowerVm = "powervm";
    internal const string PowerVmLx86 = "powervm-lx86";
    internal const string Prsm = "prsm";
    internal const string Zvm = "zvm";
    internal const string UserModeLinux = "uml";
    internal const string Ldoms = "ldoms";
    internal const string Other = "other";

    private static readonly HypervisorProduct[] Table =
    [
        new(Vmware, "VMware", "VMware", Vmware) { Systemd = "vmware", VirtWhat = "vmware", Facter = "vmware" },
        new(HyperV, "Hyper-V", "Microsoft", HyperV) { Systemd = "microsoft", VirtWhat = "hyperv", Facter = "hyperv" },
        new(VirtualPc, "Virtual PC", "Microsoft", VirtualPc) { Systemd = "microsoft", VirtWhat = "virtualpc", Facter = "hyperv" },
        new(Wsl2, "Windows Subsystem for Linux 2", "Microsoft", HyperV) { Refines = HyperV, Systemd = "wsl", VirtWhat = "hyperv", Facter = "hyperv" },
        new(Kvm, "KVM", "Linux", Kvm) { Systemd = "kvm", VirtWhat = "kvm", Facter = "kvm" },
        new(Qemu, "QEMU", "QEMU", Qemu) { Refines = Kvm, Systemd = "qemu", VirtWhat = "qemu", Facter = "kvm" },
        new(Bochs, "Bochs", "Bochs", Bochs) { Systemd = "bochs", Facter = "bochs" },
        new(Proxmox, "Proxmox VE", "Proxmox", Qemu) { Refines = Qemu, Systemd = "qemu", VirtWhat = "qemu", Facter = "kvm" },
        new(NutanixAhv, "Nutanix AHV", "Nutanix", Kvm) { Refines = Qemu, Systemd = "kvm", VirtWhat = "nutanix_ahv kvm", Facter = "kvm" },
        new(Rhev, "Red Hat Virtualization", "Red Hat", Kvm) { Refines = Qemu, Systemd = "kvm", VirtWhat = "rhev redhat kvm", Facter = "rhev" },
        new(Ovirt, "oVirt", "oVirt", Kvm) { Refines = Qemu, Systemd = "kvm", VirtWhat = "ovirt kvm", Facter = "ovirt" },
        new(OpenStack, "OpenStack Nova", "OpenStack", Qemu) { Refines = Qemu, Systemd = "kvm", VirtWhat = "kvm", Facter = "openstack" },
        new(KubeVirt, "KubeVirt", "KubeVirt", Kvm) { Refines = Qemu, Systemd = "kvm", VirtWhat = "kubevirt kvm", Facter = "kvm" },
        new(OpenShiftVirtualization, "OpenShift Virtualization", "Red Hat", Kvm) { Refines = KubeVirt, Systemd = "kvm", VirtWhat = "kubevirt redhat kvm", Facter = "kvm" },
        new(Incus, "Incus", "Linux Containers", Qemu) { Refines = Qemu, Systemd = "qemu", VirtWhat = "qemu", Facter = "kvm" },
        new(Lxd, "LXD", "Canonical", Qemu) { Refines = Qemu, Systemd = "qemu", VirtWhat = "qemu", Facter = "kvm" },
        new(Nitro, "AWS Nitro", "Amazon", Kvm) { Refines = Kvm, Systemd = "amazon", VirtWhat = "kvm aws", Facter = "kvm" },
        new(ComputeEngine, "Google Compute Engine", "Google", Kvm) { Refines = Kvm, Systemd = "google", VirtWhat = "google_cloud kvm", Facter = "gce" },
        new(AlibabaEcs, "Alibaba Cloud ECS", "Alibaba", Kvm) { Refines = Qemu, Systemd = "kvm", VirtWhat = "alibaba_cloud kvm", Facter = "kvm" },
        new(Firecracker, "Firecracker", "Amazon", Kvm) { Refines = Kvm, Systemd = "kvm", VirtWhat = "kvm", Facter = "kvm" },
        new(CloudHypervisor, "Cloud Hypervisor", "Linux Foundation", Kvm) { Refines = Kvm, Systemd = "kvm", VirtWhat = "kvm", Facter = "kvm" },
        new(Crosvm, "crosvm", "Google", Kvm) { Refines = Kvm, Systemd = "kvm", VirtWhat = "kvm", Facter = "kvm" },
        new(Kvmtool, "kvmtool", "Linux", Kvm) { Refines = Kvm, Systemd = "kvm", VirtWhat = "lkvm", Facter = "kvm" },
        new(VirtualBox, "VirtualBox", "Oracle", VirtualBox) { Systemd = "oracle", VirtWhat = "virtualbox", Facter = "virtualbox" },
        new(Parallels, "Parallels Desktop", "Parallels", Parallels) { Systemd = "parallels", VirtWhat = "parallels", Facter = "parallels" },
        new(Bhyve, "bhyve", "FreeBSD", Bhyve) { Systemd = "bhyve", VirtWhat = "bhyve", Facter = "bhyve" },
        new(AppleVirtualization, "Apple Virtualization", "Apple", AppleVirtualization) { Systemd = "apple" },
        new(Veertu, "Veertu Anka", "Veertu", Veertu),
        new(Xen, "Xen", "Xen Project", Xen) { Systemd = "xen", VirtWhat = "xen", Facter = "xenu" },
        new(XenServer, "Citrix XenServer", "Citrix", Xen) { Refines = Xen, Systemd = "xen", VirtWhat = "xen", Facter = "xenhvm" },
        new(XcpNg, "XCP-ng", "Vates", Xen) { Refines = Xen, Systemd = "xen", VirtWhat = "xen", Facter = "xenhvm" },
        new(OracleVm, "Oracle VM", "Oracle", Xen) { Refines = Xen, Systemd = "xen", VirtWhat = "xen", Facter = "xenhvm" },
        new(Acrn, "ACRN", "Linux Foundation", Acrn) { Systemd = "acrn" },
        new(Qnx, "QNX Hypervisor", "BlackBerry", Qnx) { Systemd = "qnx" },
        new(Lmhs, "Lockheed Martin Hypervisor", "Lockheed Martin", Lmhs) { Systemd = "sre" },
        new(OpenBsdVmm, "OpenBSD vmm", "OpenBSD", OpenBsdVmm) { VirtWhat = "vmm", Facter = "vmm" },
        new(Nvmm, "NVMM", "NetBSD", Nvmm),
        new(Haxm, "HAXM", "Intel", Haxm),
        new(UnisysSpar, "s-Par", "Unisys", UnisysSpar),
        new(Jailhouse, "Jailhouse", "Siemens", Jailhouse),
        new(IntelKgt, "Kernel Guard Technology", "Intel", IntelKgt),
        new(Hobby, "a research hypervisor", "various", Hobby),
        new(Emulator, "an x86 emulator", "various", Emulator),
        new(Virtage, "Virtage", "Hitachi", Virtage) { VirtWhat = "virtage" },
        new(PowerVm, "PowerVM", "IBM", PowerVm) { Systemd = "powervm", VirtWhat = "ibm_power-lpar", Facter = "powervm" },
        new(PowerVmLx86, "PowerVM Lx86", "IBM", PowerVmLx86) { VirtWhat = "powervm_lx86" },
        new(Prsm, "PR/SM", "IBM", Prsm) { Systemd = "none", VirtWhat = "ibm_systemz ibm_systemz-lpar", Facter = "physical" },
        new(Zvm, "z/VM", "IBM", Zvm) { Systemd = "zvm", VirtWhat = "ibm_systemz ibm_systemz-zvm", Facter = "zlinux" },
        new(UserModeLinux, "User-Mode Linux", "Linux", UserModeLinux) { Systemd = "uml", VirtWhat = "uml" },
        new(Ldoms, "Logical Domains", "Oracle", Ldoms) { VirtWhat = "ldoms ldoms-guest", Facter = "ldom" },
        new(Other, "an unknown hypervisor", "", Other),
    ];

    private static readonly Dictionary<string, HypervisorProduct> ById = Table.ToDictionary(static product => product.Id, StringComparer.Ordinal);

    /// <summary>Gets all of them.</summary>
    public static IReadOnlyList<HypervisorProduct> All => Table;

    /// <summary>Gets a product.</summary>
    /// <param name="id">Its word.</param>
    /// <returns>The product, or <see langword="null"/> if the word is not known.</returns>
    public static HypervisorProduct? Find(string id) => ById.GetValueOrDefault(id);

    /// <summary>Gets the product whose words other tools use: they see what a monitor runs on, which may be another hypervisor than the one that it was made for.</summary>
    internal static HypervisorProduct? Spoken(HypervisorTag hypervisor)
    {
        HypervisorProduct? product = Find(hypervisor.Product);
        return product is { Family: Kvm or Qemu } && hypervisor.Family is not (Kvm or Qemu) ? Find(hypervisor.Family) : product;
    }

    /// <summary>Tells whether a product is a closer word for another.</summary>
    internal static bool IsCloserWord(string id, string coarse)
    {
        for (string? at = ById[id].Refines; at is not null; at = ById[at].Refines)
        {
            if (at == coarse)
            {
                return true;
            }
        }

        return false;
    }
}
