using System.Globalization;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What Linux says of Xen: its control domain shows the same signs as a guest, and differs by a bit.</summary>
internal static class XenEvidence
{
    private const string TypePath = "/sys/hypervisor/type";
    private const string CapabilitiesPath = "/proc/xen/capabilities";
    private const string FeaturesPath = "/sys/hypervisor/properties/features";
    private const ulong Dom0Feature = 1 << 11;

    public static void Collect(EvidenceSnapshot snapshot, FindingList findings)
    {
        string? type = snapshot.File(TypePath)?.Trim();
        string? capabilities = snapshot.File(CapabilitiesPath);
        if (type != "xen" && capabilities is null)
        {
            if (snapshot.HasFile("/sys/bus/xen") && !snapshot.HasFile("/sys/bus/xen-backend"))
            {
                findings.Product(EvidenceSource.Files, "/sys/bus/xen", "present, and no /sys/bus/xen-backend", Products.Xen, EvidenceWeight.Strong);
            }

            return;
        }

        (string key, string value) = type == "xen" ? (TypePath, type) : (CapabilitiesPath, capabilities!.Trim());
        findings.Add(EvidenceSource.Files, key, value, TagAxis.Interface, Products.Xen, EvidenceWeight.Strong);
        Version(snapshot, findings);

        string? features = snapshot.File(FeaturesPath)?.Trim();
        bool controls = capabilities?.Contains("control_d", StringComparison.Ordinal) == true;
        bool initial = ulong.TryParse(features, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits) && (bits & Dom0Feature) != 0;
        if (controls || initial)
        {
            (key, value) = controls ? (CapabilitiesPath, "control_d") : (FeaturesPath, features!);
            findings.Add(EvidenceSource.Files, key, value, TagAxis.Role, RoleWords.Dom0, EvidenceWeight.Proof);
            findings.Physical(EvidenceSource.Files, key, value + ": owns the machine", EvidenceWeight.Weak);
            if (CpuidSignatures.Read(snapshot.Cpuid).All(static signature => signature.Meaning?.Product == Products.Xen))
            {
                // What the processor shows the control domain is Xen itself, not a hypervisor around it.
                findings.Demote(static finding => finding.Source == EvidenceSource.Cpuid && (finding.Axis is TagAxis.Product or TagAxis.Mode || finding.Says == FindingList.Words.Virtual));
            }

            return;
        }

        findings.Product(EvidenceSource.Files, key, value, Products.Xen, EvidenceWeight.Strong);
        Mode(snapshot, findings);
    }

    private static void Version(EvidenceSnapshot snapshot, FindingList findings)
    {
        const string Folder = "/sys/hypervisor/version/";
        if (snapshot.File(Folder + "major")?.Trim() is { Length: > 0 } major && snapshot.File(Folder + "minor")?.Trim() is { Length: > 0 } minor)
        {
            string version = $"{major}.{minor}{snapshot.File(Folder + "extra")?.Trim()}";
            findings.Add(EvidenceSource.Files, Folder[..^1], version, TagAxis.Version, version, EvidenceWeight.Strong);
        }
    }

    private static void Mode(EvidenceSnapshot snapshot, FindingList findings)
    {
        const string Path = "/sys/hypervisor/guest_type";
        if (snapshot.File(Path)?.Trim() is { Length: > 0 } guest)
        {
            findings.Add(EvidenceSource.Files, Path, guest, TagAxis.Mode, guest.ToLowerInvariant() is "pv" or "hvm" or "pvh" ? guest.ToLowerInvariant() : "other", EvidenceWeight.Proof);
        }
        else if (!snapshot.Smbios.NamesMachine)
        {
            // Kernels before 4.13 do not say; but a paravirtual guest alone has no firmware.
            findings.Add(EvidenceSource.Files, TypePath, "xen, and no firmware", TagAxis.Mode, "pv", EvidenceWeight.Corroborating);
        }
    }
}
