namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What the ACPI firmware says: who made its tables, and which devices it names.</summary>
/// <remarks>Makers are compared whole, blanks at the end apart: real firmware has <c>PXEN</c>, <c>GOOGLE</c> and <c>PTLTD</c>.</remarks>
internal static class AcpiEvidence
{
    /// <summary>Gets the devices that say something. Linux lists all of them as links, each of which costs a look, so they are asked for by name.</summary>
    public static IReadOnlyList<string> Devices { get; } =
    [
        "VMGENCTR", "VM_Gen_Counter", "Hyper_V_Gen_Counter_V1", "QEMUVGID", "XEN0001", "QEMU0001", "QEMU0002", "AMZNC10C", "MSFT1000", "VMBUS", "VMBus", "XEN0000",
    ];

    public static void Collect(EvidenceSnapshot snapshot, FindingList findings)
    {
        foreach (AcpiTable table in snapshot.AcpiTables.Bounded())
        {
            Table(table, findings);
        }

        foreach (string device in snapshot.AcpiDevices.Bounded())
        {
            Device(device, findings);
        }
    }

    private static void Table(AcpiTable table, FindingList findings)
    {
        string oem = table.OemId.Trim(' ', '\0');
        string name = table.OemTableId.Trim(' ', '\0');
        (string Product, EvidenceWeight Weight)? says = (oem, name) switch
        {
            ("BOCHS", _) when name.StartsWith("BXPC", StringComparison.Ordinal) => (Products.Qemu, EvidenceWeight.Proof),
            ("VBOX", _) => (Products.VirtualBox, EvidenceWeight.Proof),
            ("VRTUAL", "MICROSFT") => (Products.HyperV, EvidenceWeight.Proof),
            ("MSFTVM", _) => (Products.HyperV, EvidenceWeight.Proof),
            ("VMWARE", _) => (Products.Vmware, EvidenceWeight.Proof),
            ("INTEL", "440BX") => (Products.Vmware, EvidenceWeight.Weak),
            ("AMAZON", _) when name.StartsWith("AMZN", StringComparison.Ordinal) => (Products.Nitro, EvidenceWeight.Weak),
            ("Google", _) when name.StartsWith("GOOG", StringComparison.Ordinal) && table.Signature is "FACP" or "DSDT" => (Products.ComputeEngine, EvidenceWeight.Weak),
            ("CLOUDH", _) => (Products.CloudHypervisor, EvidenceWeight.Proof),
            ("FIRECK", _) => (Products.Firecracker, EvidenceWeight.Proof),
            ("BHYVE", _) => (Products.Bhyve, EvidenceWeight.Proof),
            ("Xen", _) => (Products.Xen, EvidenceWeight.Strong),
            ("PRLS", _) => (Products.Parallels, EvidenceWeight.Proof),
            ("ACRN", _) => (Products.Acrn, EvidenceWeight.Proof),
            ("CROSVM", _) => (Products.Crosvm, EvidenceWeight.Proof),
            _ => null,
        };
        string key = table.Signature;
        string value = $"{oem} {name}";
        if (says is { } known)
        {
            findings.Product(EvidenceSource.AcpiTables, key, value, known.Product, known.Weight);
        }

        if (table.Signature == "WAET")
        {
            // Windows ACPI Emulated Devices Table: tells Windows which timers are emulated.
            findings.Virtual(EvidenceSource.AcpiTables, key, value, EvidenceWeight.Strong);
        }

        if (table.Signature == "FACP" && table.HypervisorVendor?.Trim(' ', '\0') is { Length: > 0 } vendor)
        {
            findings.Virtual(EvidenceSource.AcpiTables, "FACP.hypervisor", vendor, EvidenceWeight.Strong);
            if (vendor == "FIRECKVM")
            {
                findings.Product(EvidenceSource.AcpiTables, "FACP.hypervisor", vendor, Products.Firecracker, EvidenceWeight.Proof);
            }
        }
    }

    private static void Device(string device, FindingList findings)
    {
        int colon = device.IndexOf(':', StringComparison.Ordinal);
        switch (colon < 0 ? device : device[..colon])
        {
            case "VMGENCTR" or "VM_Gen_Counter" or "Hyper_V_Gen_Counter_V1" or "QEMUVGID" or "XEN0001":
                findings.Virtual(EvidenceSource.AcpiDevices, device, "generation number", EvidenceWeight.Strong);
                findings.Add(EvidenceSource.AcpiDevices, device, "present", TagAxis.GenerationId, "present", EvidenceWeight.Strong);
                break;
            case "QEMU0001" or "QEMU0002":
                findings.Product(EvidenceSource.AcpiDevices, device, "present", Products.Qemu, EvidenceWeight.Strong);
                break;
            case "AMZNC10C":
                findings.Virtual(EvidenceSource.AcpiDevices, device, "clock of virtual machines", EvidenceWeight.Strong);
                break;
            case "MSFT1000" or "VMBUS" or "VMBus":
                findings.Virtual(EvidenceSource.AcpiDevices, device, "VMBus", EvidenceWeight.Weak);
                break;
            case "XEN0000":
                findings.Product(EvidenceSource.AcpiDevices, device, "present", Products.Xen, EvidenceWeight.Strong);
                break;
        }
    }
}
