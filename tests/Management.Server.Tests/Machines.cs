using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Management.Server.Tests;

/// <summary>Tags of machines that could be.</summary>
internal static class Machines
{
    public static readonly DateTimeOffset Seen = new(2026, 11, 26, 7, 0, 0, TimeSpan.Zero);

    public static TagReport Of(VirtualizationTag tag) => TagReport.Of(tag, Seen, TagReportReason.Startup);

    public static TagReport Vmware(string? broker = null, bool? persistent = null) => Of(new VirtualizationTag
    {
        Machine = MachineKind.Virtual,
        Role = PartitionRole.Guest,
        Hypervisor = new HypervisorTag { Family = "vmware", Product = "vmware", Name = "VMware vSphere", Vendor = "VMware", Version = "8.0.2" },
        Desktop = broker is null ? null : new DesktopTag { Broker = broker, Pool = DesktopPoolKind.Pooled, Persistent = persistent, MadeAs = CloneKind.InstantClone },
        Chain = [new ChainLink("vmware", PartitionRole.Guest)],
        Evidence = [new AxisEvidence(TagAxis.Machine, "virtual", [Finding("virtual")], [])],
    });

    public static TagReport Aws() => Of(new VirtualizationTag
    {
        Machine = MachineKind.Virtual,
        Role = PartitionRole.Guest,
        Hypervisor = new HypervisorTag { Family = "kvm", Product = "aws-nitro", Name = "AWS Nitro", Vendor = "Amazon" },
        Cloud = new CloudTag { Provider = "aws", Name = "Amazon Web Services", InstanceType = "c5.large" },
        Container = new ContainerTag("docker", "kubernetes"),
        HasGenerationId = true,
    });

    public static TagReport Physical() => Of(new VirtualizationTag { Machine = MachineKind.Physical });

    public static TagReport Contradictory() => Of(new VirtualizationTag
    {
        Machine = MachineKind.Unknown,
        Evidence = [new AxisEvidence(TagAxis.Machine, "unknown", [Finding("virtual")], [Finding("physical")])],
    });

    /// <summary>A machine whose every text is meant for somebody else's interpreter.</summary>
    public static TagReport Hostile(string text) => Of(new VirtualizationTag
    {
        Machine = MachineKind.Virtual,
        Hypervisor = new HypervisorTag { Family = text, Product = text, Name = text, Vendor = text, Version = text },
        Cloud = new CloudTag { Provider = text, Name = text },
    });

    private static Finding Finding(string says) => new()
    {
        Source = EvidenceSource.Smbios, Key = "system.manufacturer", Value = "somebody", Axis = TagAxis.Machine, Says = says, Weight = EvidenceWeight.Strong,
    };
}
