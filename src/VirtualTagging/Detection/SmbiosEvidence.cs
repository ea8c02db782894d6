namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What the firmware says of the machine.</summary>
internal static class SmbiosEvidence
{
    private const string VirtualBoxVersion = "vboxVer_";
    private const string ActivationCertificate = "[MS_VM_CERT/";

    /// <summary>Where the BIOS of VMware's releases starts in real mode. A release keeps the address of the one before if its BIOS did not change.</summary>
    private static readonly Dictionary<int, string> VmwareReleases = new()
    {
        [0xE848] = "ESX 2.5", [0xE7C7] = "ESX 3.0", [0xE66C] = "ESX 3.5", [0xE791] = "ESX 3.5", [0xEA55] = "ESX 4.0", [0xEA6C] = "ESX 4.0", [0xEA2E] = "ESX 4.1",
        [0xE72C] = "ESXi 5.0", [0xEA0C] = "ESXi 5.1", [0xEA05] = "ESXi 5.5", [0xE99E] = "ESXi 6.0", [0xE9A4] = "ESXi 6.0", [0xEA58] = "ESXi 6.5",
        [0xEA52] = "ESXi 6.7", [0xEA49] = "ESXi 6.7", [0xEA5E] = "Fusion 8.5",
    };

    public static void Collect(EvidenceSnapshot snapshot, FindingList findings)
    {
        SmbiosFacts facts = snapshot.Smbios;
        bool metal = IsMetal(facts.ProductName) || findings.On(TagAxis.Machine).Any(static finding =>
            finding is { Says: FindingList.Words.Physical, Source: EvidenceSource.Cpuid, Weight: EvidenceWeight.Strong });
        if (facts is { SysVendor: "Amazon EC2" } && IsMetal(facts.ProductName))
        {
            findings.Physical(EvidenceSource.Smbios, "product_name", facts.ProductName, EvidenceWeight.Proof);
        }

        // On SmartOS both bhyve and KVM run such machines.
        bool named = facts.ProductName == "SmartDC HVM";
        if (named)
        {
            findings.Virtual(EvidenceSource.Smbios, "product_name", facts.ProductName, EvidenceWeight.Strong);
            findings.Product(EvidenceSource.Smbios, "product_name", facts.ProductName, Products.Bhyve, EvidenceWeight.Weak);
        }

        foreach (SmbiosRule rule in SmbiosProducts.Rules)
        {
            if ((!rule.AlsoOnMetal || !metal) && rule.Holds(facts))
            {
                named = true;
                findings.Product(EvidenceSource.Smbios, Keys(rule), Values(rule, facts), Named(rule, snapshot, findings), rule.Weight);
            }
        }

        Traits(facts, findings);
        if (!named && facts.NamesMachine)
        {
            findings.Physical(EvidenceSource.Smbios, "sys_vendor, product_name", $"{facts.SysVendor}, {facts.ProductName}", EvidenceWeight.Weak);
        }
    }

    /// <summary>Virtual PC has Hyper-V's strings and, other than that, no word for the processor.</summary>
    private static string Named(SmbiosRule rule, EvidenceSnapshot snapshot, FindingList findings)
        => rule.Says == Products.HyperV && snapshot.Cpuid.Find(1) is not null && !findings.On(TagAxis.Interface).Any() ? Products.VirtualPc : rule.Says;

    internal static string Keys(SmbiosRule rule) => string.Join(", ", rule.Conditions.Select(static condition => condition.Member));

    internal static string Values(SmbiosRule rule, SmbiosFacts facts) => string.Join(", ", rule.Conditions.Select(condition => condition.Get(facts)));

    /// <summary>Amazon names instances without a hypervisor so: <c>i3.metal</c>, <c>m7i.metal-24xl</c>.</summary>
    internal static bool IsMetal(string? product)
        => product is not null && (product.EndsWith(".metal", StringComparison.Ordinal) || product.Contains(".metal-", StringComparison.Ordinal));

    private static void Traits(SmbiosFacts facts, FindingList findings)
    {
        if (facts.VirtualMachineBit == true)
        {
            // Set on a few physical models, and clear on most hypervisors.
            findings.Virtual(EvidenceSource.Smbios, "bios_characteristics.extension2.4", "1", EvidenceWeight.Weak);
        }

        foreach (string text in facts.OemStrings.Bounded())
        {
            if (text.StartsWith(VirtualBoxVersion, StringComparison.Ordinal))
            {
                findings.Product(EvidenceSource.Smbios, "oem_strings", text, Products.VirtualBox, EvidenceWeight.Proof);
                findings.Add(EvidenceSource.Smbios, "oem_strings", text, TagAxis.Version, text[VirtualBoxVersion.Length..], EvidenceWeight.Proof);
            }
            else if (text.StartsWith(ActivationCertificate, StringComparison.Ordinal))
            {
                findings.Virtual(EvidenceSource.Smbios, "oem_strings", text, EvidenceWeight.Strong);
            }
        }

        if (facts is { ProductName: "HVM domU" })
        {
            findings.Add(EvidenceSource.Smbios, "product_name", facts.ProductName, TagAxis.Mode, "hvm", EvidenceWeight.Strong);
            if (!string.IsNullOrWhiteSpace(facts.ProductVersion))
            {
                findings.Add(EvidenceSource.Smbios, "product_version", facts.ProductVersion, TagAxis.Version, facts.ProductVersion.Trim(), EvidenceWeight.Strong);
            }
        }

        if (facts is { SysVendor: "VMware, Inc.", BiosSegment: int segment } && VmwareReleases.TryGetValue(segment, out string? release))
        {
            findings.Add(EvidenceSource.Smbios, "bios_segment", $"{segment:x4}", TagAxis.Version, release, EvidenceWeight.Strong);
        }
    }
}
