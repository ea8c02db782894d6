using static Symantec.Virtualization.VirtualTagging.EvidenceWeight;
using static Symantec.Virtualization.VirtualTagging.SmbiosMembers;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Which cloud the machine is in, virtual or not: clouds rent out physical machines with the same signs.</summary>
internal static class CloudEvidence
{
    private static readonly SmbiosRule[] Rules =
    [
        new("aws", Proof, Vendor("Amazon EC2")),
        new("aws", Proof, BiosVendor("Amazon EC2")),
        new("aws", Proof, BiosVersion(".amazon", TextMatch.Ends)),
        new("azure", Proof, AssetTag("7783-7084-3265-9085-8269-3286-77")),
        new("gcp", Proof, Product("Google Compute Engine")),
        new("gcp", Strong, Serial("GoogleCloud-", TextMatch.Starts)),
        new("oracle", Proof, AssetTag("OracleCloud.com")),
        new("alibaba", Proof, Vendor("Alibaba Cloud")),
        new("alibaba", Strong, Product("Alibaba Cloud ECS")),
        new("tencent", Proof, Vendor("Tencent Cloud")),
        new("open-telekom-cloud", Proof, AssetTag("OpenTelekomCloud")),
        new("huawei", Proof, AssetTag("HUAWEICLOUD")),
        new("sap-ccloud", Proof, AssetTag("SAP CCloud VM")),
        new("samsung", Proof, AssetTag("Samsung Cloud Platform")),
        new("openstack", Strong, AssetTag("OpenStack Nova")),
        new("openstack", Strong, AssetTag("OpenStack Compute")),
        new("openstack", Strong, Product("OpenStack Nova")),
        new("openstack", Strong, Product("OpenStack Compute")),
        new("zstack", Proof, AssetTag(".zstack.io", TextMatch.Ends)),
        new("digitalocean", Proof, Vendor("DigitalOcean")),
        new("vultr", Proof, Vendor("Vultr")),
        new("linode", Proof, Vendor("Linode")),
        new("linode", Proof, Vendor("Akamai")),
        new("scaleway", Proof, Vendor("Scaleway")),
        new("upcloud", Proof, Vendor("UpCloud")),
        new("hetzner", Proof, Vendor("Hetzner"), Product("vServer")),
        new("nwcs", Proof, Vendor("NWCS")),
        new("tilaa", Proof, Vendor("Tilaa")),
        new("e24cloud", Proof, Vendor("e24cloud")),
        new("yandex", Proof, Vendor("Yandex")),
        new("yandex", Strong, Serial("YC-", TextMatch.Starts)),
        new("cloudstack", Strong, Product("CloudStack", TextMatch.Starts)),
        new("exoscale", Proof, Product("Exoscale", TextMatch.Starts)),
        new("exoscale", Proof, Vendor("Exoscale")),
        new("cloudsigma", Proof, Product("CloudSigma")),
        new("cloudcix", Proof, Product("CloudCIX")),
        new("outscale", Proof, Product("3DS Outscale VM")),
        new("smartos", Strong, Product("SmartDC", TextMatch.Starts)),
        new("brightbox", Proof, Serial(".brightbox.com", TextMatch.Ends)),
    ];

    public static void Collect(EvidenceSnapshot snapshot, FindingList findings)
    {
        SmbiosFacts facts = snapshot.Smbios;
        foreach (SmbiosRule rule in Rules)
        {
            if (rule.Holds(facts))
            {
                findings.Add(EvidenceSource.Smbios, SmbiosEvidence.Keys(rule), SmbiosEvidence.Values(rule, facts), TagAxis.Cloud, rule.Says, rule.Weight);
            }
        }

        if (facts.SysVendor == "Hetzner" && findings.Items.Any(static finding => finding.Weight >= Strong && (finding.Axis == TagAxis.Product || finding.Says == FindingList.Words.Virtual)))
        {
            // Dedicated servers have the maker's name too, and are in no cloud.
            findings.Add(EvidenceSource.Smbios, "sys_vendor", "Hetzner, on a virtual machine", TagAxis.Cloud, "hetzner", Strong);
        }

        ElasticComputeUuid(snapshot, findings);
        foreach (PciDevice device in snapshot.PciDevices.Bounded())
        {
            string? cloud = (device.Vendor, device.Device) switch
            {
                (0x1D0F, _) => "aws",
                (0x1AE0, 0x0042 or 0x001F) => "gcp",
                (0x1DED, _) => "alibaba",
                (0x1414, 0x00BA) => "azure",
                _ => null,
            };
            if (cloud is not null)
            {
                findings.Add(EvidenceSource.Pci, $"{device.Vendor:x4}:{device.Device:x4}", "present", TagAxis.Cloud, cloud, Weak);
            }
        }
    }

    /// <summary>The instance type, which Amazon's firmware gives as the model.</summary>
    public static string? InstanceType(SmbiosFacts facts)
        => facts is { SysVendor: "Amazon EC2", ProductName: { Length: > 0 and < 32 } name } && name.Contains('.', StringComparison.Ordinal) ? name : null;

    /// <summary>Tells whether an enclosure's tag is a cloud's whole sign.</summary>
    public static bool IsSign(string assetTag) => Array.Exists(Rules, rule =>
        rule.Conditions is [{ Member: "chassis_asset_tag", Match: TextMatch.Whole } condition] && condition.Text == assetTag.Trim());

    /// <summary>Amazon's instances on Xen start their UUID with <c>ec2</c>, in either byte order. One machine in 2,000 does by chance: no word where another maker has the say.</summary>
    private static void ElasticComputeUuid(EvidenceSnapshot snapshot, FindingList findings)
    {
        string? xen = snapshot.File("/sys/hypervisor/uuid");
        if (xen?.StartsWith("ec2", StringComparison.OrdinalIgnoreCase) == true)
        {
            findings.Add(EvidenceSource.Files, "/sys/hypervisor/uuid", "ec2...", TagAxis.Cloud, "aws", Strong);
        }

        SmbiosFacts facts = snapshot.Smbios;
        if (facts.ProductUuid is { Length: >= 8 } uuid && (!facts.NamesMachine || facts.SysVendor == "Xen")
            && (uuid.StartsWith("ec2", StringComparison.OrdinalIgnoreCase) || (uuid[4] == '2' && uuid.AsSpan(6, 2).Equals("ec", StringComparison.OrdinalIgnoreCase))))
        {
            findings.Add(EvidenceSource.Smbios, "product_uuid", "ec2...", TagAxis.Cloud, "aws", Weak);
        }
    }
}
