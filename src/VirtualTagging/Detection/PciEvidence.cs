namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What the PCI devices say.</summary>
internal static class PciEvidence
{
    private const int Virtio = 0x1AF4;

    public static void Collect(EvidenceSnapshot snapshot, FindingList findings)
    {
        int virtio = 0;
        int others = 0;
        foreach (PciDevice device in snapshot.PciDevices.Bounded())
        {
            string key = $"{device.Vendor:x4}:{device.Device:x4}";
            if (device.Vendor == Virtio)
            {
                virtio++;
            }
            else if (Meaning(device) is (string product, EvidenceWeight weight))
            {
                findings.Product(EvidenceSource.Pci, key, "present", product, weight);
            }
            else
            {
                others++;
            }
        }

        if (virtio > 0)
        {
            // Bare-metal clouds offload disks and networks to cards that speak virtio; but no physical machine is made of a bridge and virtio alone.
            findings.Virtual(EvidenceSource.Pci, "1af4", $"{virtio} virtio devices, {others} others", others <= 1 ? EvidenceWeight.Strong : EvidenceWeight.Weak);
        }
    }

    private static (string Product, EvidenceWeight Weight)? Meaning(PciDevice device) => (device.Vendor, device.Device) switch
    {
        (0x15AD, _) => (Products.Vmware, EvidenceWeight.Proof),
        (0x80EE, _) => (Products.VirtualBox, EvidenceWeight.Proof),
        (0x1AB8, _) => (Products.Parallels, EvidenceWeight.Proof),
        (0x5853, 0xC000) => (Products.XenServer, EvidenceWeight.Proof),
        (0x5853, 0xC200) => (Products.XcpNg, EvidenceWeight.Proof),
        (0x5853, _) => (Products.Xen, EvidenceWeight.Strong),
        (0x1414, 0x5353) => (Products.HyperV, EvidenceWeight.Strong),
        (0x1B36, _) => (Products.Qemu, EvidenceWeight.Strong),
        (0x1234, 0x1111) => (Products.Qemu, EvidenceWeight.Weak),
        (0x1013, 0x00B8) => (Products.Qemu, EvidenceWeight.Corroborating),
        _ => null,
    };
}
