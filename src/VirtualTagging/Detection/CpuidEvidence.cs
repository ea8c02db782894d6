using System.Globalization;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What the processor says: whether it runs under a hypervisor, and how that names itself.</summary>
internal static class CpuidEvidence
{
    private const uint HypervisorBit = 1u << 31;

    /// <summary>Makers whose processors may return garbage where the hypervisor's bit stands: VIA's C3 does.</summary>
    private static readonly string[] Garbled = ["CentaurHauls", "CyrixInstead", "GenuineTMx86", "TransmetaCPU", "NexGenDriven", "RiseRiseRise", "Geode by NSC", "SiS SiS SiS ", "UMC UMC UMC "];

    /// <summary>Makers whose processors keep the hypervisor's bit clear.</summary>
    private static readonly string[] Trusted = ["GenuineIntel", "AuthenticAMD", "HygonGenuine", "  Shanghai  "];

    /// <summary>Makers that only emulated machines claim. Those that translate a single process (Windows and macOS on arm64) say nothing of the machine.</summary>
    private static readonly string[] Emulators = ["Neko Project", "Insignia 586", "Compaq FX!32", "ConnectixCPU"];

    public static void Collect(EvidenceSnapshot snapshot, FindingList findings)
    {
        CpuidTable cpuid = snapshot.Cpuid;
        IReadOnlyList<(uint Base, string Text, CpuidSignatures.Meaning? Meaning)> signatures = CpuidSignatures.Read(cpuid);
        string? maker = CpuidSignatures.Maker(cpuid);
        bool? bit = cpuid.Find(1) is { } features ? (features.Ecx & HypervisorBit) != 0 : null;
        bool trusted = maker is not null && Trusted.Contains(maker, StringComparer.Ordinal);

        if (maker is not null && Emulators.Contains(maker, StringComparer.Ordinal))
        {
            findings.Product(EvidenceSource.Cpuid, "00000000", maker, Products.Emulator, EvidenceWeight.Strong);
        }

        bool named = signatures.Any(static signature => signature.Meaning is not null);
        if (bit == false && !named)
        {
            findings.Physical(EvidenceSource.Cpuid, "00000001.ecx.31", "0", trusted ? EvidenceWeight.Strong : EvidenceWeight.Weak);
            return;
        }

        if (bit == true && Garbled.Contains(maker, StringComparer.Ordinal) && signatures.Count == 0)
        {
            findings.Physical(EvidenceSource.Cpuid, "00000001.ecx.31", $"1, and no hypervisor on a processor of {maker}", EvidenceWeight.Weak);
            return;
        }

        foreach ((uint at, string text, CpuidSignatures.Meaning? meaning) in signatures)
        {
            Signature(snapshot, findings, at, text, meaning);
        }

        if (HypervPartition.IsAnnounced(cpuid, signatures))
        {
            HypervPartition.Collect(cpuid, signatures, findings);
        }
        else if (bit == true || signatures.Count > 0)
        {
            findings.Virtual(EvidenceSource.Cpuid, "00000001.ecx.31", bit == true ? "1" : "not read", EvidenceWeight.Strong);
        }

        Confidential(cpuid, findings);
    }

    private static void Signature(EvidenceSnapshot snapshot, FindingList findings, uint at, string text, CpuidSignatures.Meaning? meaning)
    {
        string key = $"{at:x8}";
        if (meaning is null)
        {
            findings.Add(EvidenceSource.Cpuid, key, text, TagAxis.Interface, Products.Other, EvidenceWeight.Weak);
            return;
        }

        // The interface in front is the one that the operating system sees.
        findings.Add(
            EvidenceSource.Cpuid, key, text, TagAxis.Interface, meaning.Interface, at == CpuidSignatures.FirstBase ? EvidenceWeight.Proof : EvidenceWeight.Strong);
        if (text == CpuidSignatures.MicrosoftHv)
        {
            return;     // Whether this is the product, and what the operating system is to it, the partition's rights tell.
        }

        EvidenceWeight weight = at == CpuidSignatures.FirstBase || meaning.Weight != EvidenceWeight.Weak ? meaning.Weight : EvidenceWeight.Strong;
        findings.Product(EvidenceSource.Cpuid, key, text, meaning.Product, weight);
        if (meaning.Product == Products.Xen)
        {
            // A guest without hardware virtualization sees the processor's own CPUID.
            findings.Add(EvidenceSource.Cpuid, key, text, TagAxis.Mode, "hvm", EvidenceWeight.Weak);
            if (snapshot.Cpuid.Find(at + 1) is { } version)
            {
                findings.Add(
                    EvidenceSource.Cpuid, $"{at + 1:x8}.eax", $"{version.Eax:x8}", TagAxis.Version,
                    string.Create(CultureInfo.InvariantCulture, $"{version.Eax >> 16}.{version.Eax & 0xFFFF}"), EvidenceWeight.Weak);
            }
        }
    }

    private static void Confidential(CpuidTable cpuid, FindingList findings)
    {
        if (cpuid.Find(0x21) is { } leaf && CpuidSignatures.Text(leaf with { Ecx = leaf.Edx, Edx = leaf.Ecx }) == "IntelTDX    ")
        {
            findings.Virtual(EvidenceSource.Cpuid, "00000021", "IntelTDX", EvidenceWeight.Proof);
            findings.Add(EvidenceSource.Cpuid, "00000021", "IntelTDX", TagAxis.Confidential, ConfidentialWords.Tdx, EvidenceWeight.Proof);
        }
    }
}
