namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What the files of Linux say, but for Xen and containers.</summary>
internal static class LinuxEvidence
{
    public static void Collect(EvidenceSnapshot snapshot, FindingList findings)
    {
        ProcessorInfo(snapshot, findings);
        DeviceTree(snapshot, findings);
        Power(snapshot, findings);
        LogicalDomain(snapshot, findings);
        Mainframe(snapshot, findings);
        WindowsSubsystem(snapshot, findings);
        Devices(snapshot, findings);
    }

    private static void ProcessorInfo(EvidenceSnapshot snapshot, FindingList findings)
    {
        const string Path = "/proc/cpuinfo";
        if (snapshot.File(Path) is not { Length: > 0 } text)
        {
            return;
        }

        string? vendor = SnapshotReading.LineOf(text, "vendor_id");
        string? model = SnapshotReading.LineOf(text, "model name") ?? SnapshotReading.LineOf(text, "model");
        switch (vendor)
        {
            case "User Mode Linux":
                findings.Product(EvidenceSource.Files, Path, vendor, Products.UserModeLinux, EvidenceWeight.Proof);
                return;
            case "PowerVM Lx86":
                findings.Product(EvidenceSource.Files, Path, vendor, Products.PowerVmLx86, EvidenceWeight.Proof);
                return;
        }

        if (model?.StartsWith("QEMU Virtual CPU", StringComparison.Ordinal) == true || model?.EndsWith("(emulated by qemu)", StringComparison.Ordinal) == true)
        {
            findings.Product(EvidenceSource.Files, Path, model, Products.Qemu, EvidenceWeight.Strong);
        }

        if (snapshot.Cpuid.Find(1) is null && SnapshotReading.LineOf(text, "flags") is { } flags && vendor is not null)
        {
            // The kernel's copy of the hypervisor's bit; kernels before 2.6.30 do not show it.
            if (flags.Split(' ').Contains("hypervisor", StringComparer.Ordinal))
            {
                findings.Virtual(EvidenceSource.Files, Path, "hypervisor", EvidenceWeight.Strong);
            }
            else
            {
                findings.Physical(EvidenceSource.Files, Path, "no hypervisor", EvidenceWeight.Weak);
            }
        }
    }

    private static void DeviceTree(EvidenceSnapshot snapshot, FindingList findings)
    {
        const string Root = "/proc/device-tree/";
        const string Hypervisor = Root + "hypervisor/compatible";
        bool known = false;
        if (snapshot.File(Hypervisor)?.Trim('\0', '\n', ' ') is { Length: > 0 } compatible)
        {
            string? product = compatible.Split('\0')[0] switch
            {
                "vmware" => Products.Vmware,
                "linux,kvm" => Products.Kvm,
                "qemu,pseries" or "qemu" => Products.Qemu,
                { } xen when xen.StartsWith("xen", StringComparison.Ordinal) => Products.Xen,
                { } jailhouse when jailhouse.StartsWith("jailhouse", StringComparison.Ordinal) => Products.Jailhouse,
                _ => null,
            };
            known = true;
            if (product is null)
            {
                findings.Virtual(EvidenceSource.DeviceTree, Hypervisor, compatible, EvidenceWeight.Strong);
            }
            else if (product != Products.Xen || !findings.On(TagAxis.Role).Any())
            {
                // The control domain of Xen has the same node.
                findings.Product(EvidenceSource.DeviceTree, Hypervisor, compatible, product, EvidenceWeight.Proof);
            }
        }

        foreach ((string path, string text) in snapshot.Files.Take(4096))
        {
            if (path.StartsWith(Root + "fw-cfg@", StringComparison.Ordinal) && text.StartsWith("qemu,fw-cfg", StringComparison.Ordinal))
            {
                known = true;
                findings.Product(EvidenceSource.DeviceTree, path, text.TrimEnd('\0', '\n'), Products.Qemu, EvidenceWeight.Proof);
            }
        }

        string[] machine = snapshot.File(Root + "compatible")?.Split('\0', '\n') ?? [];
        if (machine.Contains("linux,dummy-virt", StringComparer.Ordinal))
        {
            findings.Virtual(EvidenceSource.DeviceTree, Root + "compatible", "linux,dummy-virt", EvidenceWeight.Proof);
            if (!known)
            {
                // QEMU gives itself away by its configuration device; the others are made for KVM, kvmtool first of all.
                findings.Product(EvidenceSource.DeviceTree, Root + "compatible", "linux,dummy-virt", Products.Kvmtool, EvidenceWeight.Weak);
            }

            known = true;
        }
        else if (machine.Contains("qemu,pseries", StringComparer.Ordinal))
        {
            known = true;
            findings.Product(EvidenceSource.DeviceTree, Root + "compatible", "qemu,pseries", Products.Qemu, EvidenceWeight.Proof);
        }

        if (!known && snapshot.File(Root + "model")?.Trim('\0', '\n', ' ') is { Length: > 0 } model)
        {
            findings.Physical(EvidenceSource.DeviceTree, Root + "model", model, EvidenceWeight.Weak);
        }
    }

    private static void Power(EvidenceSnapshot snapshot, FindingList findings)
    {
        const string Path = "/proc/ppc64/lparcfg";
        const string PartitionName = "/proc/device-tree/ibm,partition-name";
        if (findings.On(TagAxis.Product).Any(static finding => finding.Says is Products.Qemu or Products.Kvm))
        {
            return;     // KVM's guests on POWER speak the same interface.
        }

        if (snapshot.HasFile(PartitionName))
        {
            findings.Product(EvidenceSource.DeviceTree, PartitionName, "present", Products.PowerVm, EvidenceWeight.Proof);
        }

        if (snapshot.File(Path) is { } text && SnapshotReading.LineOf(text, "shared_processor_mode") is { } shared)
        {
            findings.Product(EvidenceSource.Files, Path, "shared_processor_mode=" + shared, Products.PowerVm, EvidenceWeight.Proof);
            findings.Add(EvidenceSource.Files, Path, "shared_processor_mode=" + shared, TagAxis.Mode, shared == "1" ? "lpar-shared" : "lpar-dedicated", EvidenceWeight.Proof);
        }
    }

    /// <summary>The hypervisor of SPARC describes its domains to each of them; the control domain has the domain service's port besides.</summary>
    private static void LogicalDomain(EvidenceSnapshot snapshot, FindingList findings)
    {
        if (!snapshot.HasFile("/dev/mdesc"))
        {
            return;
        }

        if (snapshot.HasFile("/sys/class/vlds/ctrl"))
        {
            findings.Add(EvidenceSource.Files, "/sys/class/vlds/ctrl", "present", TagAxis.Role, RoleWords.Host, EvidenceWeight.Weak);
        }

        findings.Product(EvidenceSource.Files, "/dev/mdesc", "present", Products.Ldoms, EvidenceWeight.Strong);
    }

    private static void Mainframe(EvidenceSnapshot snapshot, FindingList findings)
    {
        const string Path = "/proc/sysinfo";
        if (snapshot.File(Path) is not { } text || SnapshotReading.LineOf(text, "Manufacturer") is null)
        {
            return;
        }

        if (SnapshotReading.LineOf(text, "LPAR Number") is { } partition)
        {
            findings.Product(EvidenceSource.Files, Path, "LPAR Number: " + partition, Products.Prsm, EvidenceWeight.Strong);
        }

        if (SnapshotReading.LineOf(text, "VM00 Control Program") is { } program)
        {
            string product = program.StartsWith("z/VM", StringComparison.Ordinal) ? Products.Zvm
                : program.StartsWith("KVM", StringComparison.Ordinal) ? Products.Kvm : Products.Other;
            findings.Product(EvidenceSource.Files, Path, "VM00 Control Program: " + program, product, EvidenceWeight.Proof);
            if (program.LastIndexOf(' ') is > 0 and int blank && product == Products.Zvm)
            {
                findings.Add(EvidenceSource.Files, Path, program, TagAxis.Version, program[(blank + 1)..], EvidenceWeight.Proof);
            }
        }
    }

    private static void WindowsSubsystem(EvidenceSnapshot snapshot, FindingList findings)
    {
        const string Release = "/proc/sys/kernel/osrelease";
        string release = snapshot.File(Release)?.Trim() ?? SnapshotVersion(snapshot);
        bool named = release.EndsWith("WSL2", StringComparison.Ordinal) || release.Contains("microsoft-standard-WSL2", StringComparison.Ordinal);
        bool first = !named && release.Contains("-Microsoft", StringComparison.Ordinal);
        string? sign = WslSigns.FirstOrDefault(snapshot.HasFile);
        string[] mounts = snapshot.File("/proc/self/mountinfo")?.Split('\n') ?? [];
        string? lxfs = mounts.FirstOrDefault(static line => line.Contains(" / / ", StringComparison.Ordinal)
            && (line.Contains(" - wslfs ", StringComparison.Ordinal) || line.Contains(" - lxfs ", StringComparison.Ordinal)));
        if (first || lxfs is not null)
        {
            findings.Add(EvidenceSource.Files, lxfs is null ? Release : "/proc/self/mountinfo", lxfs ?? release, TagAxis.Container, ContainerEvidence.Wsl1, EvidenceWeight.Strong);
        }
        else if (named || sign is not null)
        {
            findings.Product(EvidenceSource.Files, named ? Release : sign!, named ? release : "present", Products.Wsl2, named ? EvidenceWeight.Proof : EvidenceWeight.Strong);
        }
    }

    /// <summary>Signs of the Windows Subsystem for Linux that a kernel of one's own leaves in place.</summary>
    private static readonly string[] WslSigns = ["/proc/sys/fs/binfmt_misc/WSLInterop", "/proc/sys/fs/binfmt_misc/WSLInterop-late", "/run/WSL"];

    private static string SnapshotVersion(EvidenceSnapshot snapshot)
    {
        string[] words = snapshot.File("/proc/version")?.Split(' ') ?? [];
        return words is ["Linux", "version", { } release, ..] ? release : "";
    }

    private static void Devices(EvidenceSnapshot snapshot, FindingList findings)
    {
        if (snapshot.VmbusDevices is > 0 and int count)
        {
            // The root partition has the bus as well, for what it offers its guests.
            bool root = findings.On(TagAxis.Role).Any(static finding => finding.Says == RoleWords.Root);
            findings.Virtual(EvidenceSource.Vmbus, "devices", $"{count}", root ? EvidenceWeight.Corroborating : EvidenceWeight.Strong);
        }

        if (snapshot.HasFile("/dev/sev-guest"))
        {
            findings.Virtual(EvidenceSource.Files, "/dev/sev-guest", "present", EvidenceWeight.Strong);
            findings.Add(EvidenceSource.Files, "/dev/sev-guest", "present", TagAxis.Confidential, ConfidentialWords.SevSnp, EvidenceWeight.Strong);
        }

        if (snapshot.HasFile("/dev/tdx_guest"))
        {
            findings.Virtual(EvidenceSource.Files, "/dev/tdx_guest", "present", EvidenceWeight.Strong);
            findings.Add(EvidenceSource.Files, "/dev/tdx_guest", "present", TagAxis.Confidential, ConfidentialWords.Tdx, EvidenceWeight.Strong);
        }

        foreach (string path in KvmUse)
        {
            // The module alone is loaded everywhere; its uses are the guests that run.
            if (snapshot.File(path)?.Trim() is { Length: > 0 } uses && uses != "0" && uses.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0)
            {
                findings.Add(EvidenceSource.Files, path, uses, TagAxis.Role, RoleWords.Host, EvidenceWeight.Weak);
            }
        }
    }

    private static readonly string[] KvmUse = ["/sys/module/kvm_intel/refcnt", "/sys/module/kvm_amd/refcnt"];
}
