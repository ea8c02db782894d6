namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What the network addresses say: little, since hosts carry the addresses of their virtual switches.</summary>
internal static class MacEvidence
{
    public static void Collect(EvidenceSnapshot snapshot, FindingList findings)
    {
        foreach (string prefix in snapshot.MacPrefixes.Bounded())
        {
            string? product = prefix.ToUpperInvariant() switch
            {
                "00:05:69" or "00:0C:29" or "00:1C:14" or "00:50:56" => Products.Vmware,
                "00:15:5D" => Products.HyperV,
                "00:03:FF" => Products.VirtualPc,
                "00:16:3E" => Products.Xen,
                "00:21:F6" => Products.OracleVm,
                "00:1C:42" => Products.Parallels,
                "08:00:27" => Products.VirtualBox,
                "52:54:00" => Products.Qemu,
                "BC:24:11" => Products.Proxmox,
                "50:6B:8D" => Products.NutanixAhv,
                _ => null,
            };
            if (product is not null)
            {
                findings.Product(EvidenceSource.MacAddresses, prefix, "present", product, EvidenceWeight.Corroborating);
            }
        }
    }
}
