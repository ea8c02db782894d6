using System.Globalization;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What an operating system is to a hypervisor with Hyper-V's interface: that the interface is there does not make it a guest.</summary>
/// <remarks>Source: Hypervisor Top-Level Functional Specification 6.0b, section 2.4, leaves 0x40000001 to 0x4000000C.</remarks>
internal static class HypervPartition
{
    private const uint InterfaceWord = 0x3123_7648;         // "Hv#1"
    private const uint CreatePartitions = 1u << 0;          // 0x40000003 EBX: the privileges' high word
    private const uint CpuManagement = 1u << 12;
    private const uint Isolation = 1u << 22;
    private const uint Nested = 1u << 12;                   // 0x40000004 EAX

    public static bool IsAnnounced(CpuidTable cpuid, IReadOnlyList<(uint Base, string Text, CpuidSignatures.Meaning? Meaning)> signatures)
        => signatures.Count > 0 && signatures[0].Base == CpuidSignatures.FirstBase
            && (signatures[0].Text == CpuidSignatures.MicrosoftHv || cpuid.Find(CpuidSignatures.FirstBase + 1)?.Eax == InterfaceWord);

    public static void Collect(CpuidTable cpuid, IReadOnlyList<(uint Base, string Text, CpuidSignatures.Meaning? Meaning)> signatures, FindingList findings)
    {
        bool ofOthers = signatures[0].Text != CpuidSignatures.MicrosoftHv || signatures.Skip(1).Any(static signature => signature.Meaning is not null);
        if (ofOthers)
        {
            // Somebody else's hypervisor imitates the interface for the sake of Windows guests.
            findings.Virtual(EvidenceSource.Cpuid, "40000001.eax", "Hv#1, by another hypervisor", EvidenceWeight.Strong);
            if (signatures[0].Meaning is null)
            {
                findings.Product(EvidenceSource.Cpuid, "40000000", signatures[0].Text, Products.Kvm, EvidenceWeight.Corroborating);
                findings.Add(EvidenceSource.Cpuid, "40000001.eax", "Hv#1", TagAxis.Interface, Products.HyperV, EvidenceWeight.Strong);
            }

            return;
        }

        if (cpuid.Find(0x4000_0002) is { } version && version.Ebx != 0)
        {
            findings.Add(
                EvidenceSource.Cpuid, "40000002", $"{version.Eax:x8} {version.Ebx:x8}", TagAxis.Version,
                string.Create(CultureInfo.InvariantCulture, $"{version.Ebx >> 16}.{version.Ebx & 0xFFFF}.{version.Eax}"), EvidenceWeight.Weak);
        }

        Rights(cpuid, findings);
    }

    private static void Rights(CpuidTable cpuid, FindingList findings)
    {
        const string Key = "40000003.ebx";
        if (cpuid.Find(0x4000_0003) is not { } leaf)
        {
            findings.Virtual(EvidenceSource.Cpuid, Key, "not read", EvidenceWeight.Weak);
            findings.Product(EvidenceSource.Cpuid, "40000000", CpuidSignatures.MicrosoftHv, Products.HyperV, EvidenceWeight.Weak);
            return;
        }

        string value = $"{leaf.Ebx:x8}";
        bool creates = (leaf.Ebx & CreatePartitions) != 0;
        if ((leaf.Ebx & Isolation) != 0)
        {
            Guest(findings, Key, value);
            Isolated(cpuid, findings);
        }
        else if (creates && (leaf.Ebx & CpuManagement) != 0)
        {
            findings.Add(EvidenceSource.Cpuid, Key, value, TagAxis.Role, RoleWords.Root, EvidenceWeight.Strong);
            if ((cpuid.Find(0x4000_0004)?.Eax & Nested) is > 0)
            {
                findings.Virtual(EvidenceSource.Cpuid, "40000004.eax.12", "1: the hypervisor is nested", EvidenceWeight.Strong);
            }
            else
            {
                findings.Physical(EvidenceSource.Cpuid, Key, value + ": owns the machine", EvidenceWeight.Weak);
            }
        }
        else
        {
            Guest(findings, Key, value);
            if (creates)
            {
                findings.Add(EvidenceSource.Cpuid, Key, value, TagAxis.Role, RoleWords.L1vh, EvidenceWeight.Strong);
            }
        }
    }

    private static void Guest(FindingList findings, string key, string value)
    {
        findings.Virtual(EvidenceSource.Cpuid, key, value + ": a guest's rights", EvidenceWeight.Strong);
        findings.Product(EvidenceSource.Cpuid, "40000000", CpuidSignatures.MicrosoftHv, Products.HyperV, EvidenceWeight.Weak);
    }

    private static void Isolated(CpuidTable cpuid, FindingList findings)
    {
        CpuidLeaf isolation = cpuid.Find(0x4000_000C) ?? default;
        string says = (isolation.Ebx & 0xF) switch
        {
            1 => ConfidentialWords.Vbs,
            2 => ConfidentialWords.SevSnp,
            3 => ConfidentialWords.Tdx,
            _ => ConfidentialWords.Unknown,
        };
        findings.Add(EvidenceSource.Cpuid, "4000000c.ebx", $"{isolation.Ebx:x8}", TagAxis.Confidential, says, EvidenceWeight.Proof);
        if ((isolation.Eax & 1) != 0)
        {
            findings.Add(EvidenceSource.Cpuid, "4000000c.eax.0", "1", TagAxis.Confidential, ConfidentialWords.Paravisor, EvidenceWeight.Corroborating);
        }
    }
}
