namespace Symantec.Virtualization.VirtualTagging.Tests;

/// <summary>The words of other tools, for machines whose words are known.</summary>
public class VocabularyTests
{
    public static TheoryData<string, string, string, string> Guests => new()
    {
        { "vmware", "vmware", "vmware", "vmware" },
        { "hyperv", "microsoft", "hyperv", "hyperv" },
        { "qemu", "kvm", "kvm", "kvm" },
        { "kvm", "kvm", "kvm", "kvm" },
        { "virtualbox", "oracle", "virtualbox", "virtualbox" },
        { "aws-nitro", "amazon", "kvm aws", "kvm" },
        { "google-compute-engine", "google", "google_cloud kvm", "gce" },
        { "nutanix-ahv", "kvm", "nutanix_ahv kvm", "kvm" },
        { "parallels", "parallels", "parallels", "parallels" },
        { "bhyve", "bhyve", "bhyve", "bhyve" },
        { "openbsd-vmm", "vm-other", "vmm", "vmm" },
        { "other", "vm-other", "", "physical" },
    };

    [Theory]
    [MemberData(nameof(Guests))]
    public void A_guest_is_called_what_each_tool_calls_it(string product, string systemd, string virtWhat, string facter)
    {
        VirtualizationTag tag = Tag(product);

        Assert.Equal(systemd, SystemdWords.Of(tag));
        Assert.Equal(virtWhat, string.Join(' ', VirtWhatFacts.Of(tag)));
        Assert.Equal((facter, true), FacterFacts.Of(tag));
    }

    [Fact]
    public void A_machine_without_a_hypervisor_is_none_to_all_of_them()
    {
        VirtualizationTag tag = new() { Machine = MachineKind.Physical };

        Assert.Equal("none", SystemdWords.Of(tag));
        Assert.Empty(VirtWhatFacts.Of(tag));
        Assert.Equal(("physical", false), FacterFacts.Of(tag));
    }

    [Fact]
    public void A_container_goes_before_the_machine_and_is_asked_for_apart()
    {
        VirtualizationTag tag = Tag("vmware") with { Container = new("podman") };

        Assert.Equal(("podman", "vmware", "podman"), (SystemdWords.Of(tag), SystemdWords.Machine(tag), SystemdWords.Container(tag)));
        Assert.Equal(["vmware", "podman"], VirtWhatFacts.Of(tag));
        Assert.Equal(("podman", true), FacterFacts.Of(tag));
    }

    [Fact]
    public void The_control_domain_of_Xen_is_no_guest()
    {
        VirtualizationTag tag = Tag("xen") with { Machine = MachineKind.Physical, Role = PartitionRole.Dom0 };

        Assert.Equal("none", SystemdWords.Of(tag));
        Assert.Equal(["xen", "xen-dom0"], VirtWhatFacts.Of(tag));
        Assert.Equal(("xen0", false), FacterFacts.Of(tag));
    }

    [Fact]
    public void OpenTelemetry_gets_its_own_attributes_where_it_has_some()
    {
        IReadOnlyDictionary<string, string> attributes = TelemetryAttributes.Of(Tag("aws-nitro") with
        {
            Cloud = new() { Provider = "aws", Name = "Amazon Web Services", InstanceType = "c5.large" }, Container = new("docker"),
        });

        Assert.Equal(("aws", "aws_ec2", "c5.large", "docker"), (attributes["cloud.provider"], attributes["cloud.platform"], attributes["host.type"], attributes["container.runtime"]));
        Assert.Equal(("virtual", "aws-nitro"), (attributes["virtualtagging.machine"], attributes["virtualtagging.hypervisor.product"]));
    }

    [Fact]
    public void A_report_has_the_fields_that_administrators_know_and_reads_back()
    {
        VirtualizationTag tag = Tag("vmware") with { Desktop = new() { Broker = "horizon", Persistent = false } };

        TagReport report = TagReport.Parse(TagReport.Of(tag, DateTimeOffset.UnixEpoch, TagReportReason.Resume).ToJson());

        Assert.Equal(("VMware", "VMware", true), (report.HypervisorVendor, report.VirtualizationPlatform, report.NonPersistent));
        Assert.Equal((TagReportReason.Resume, "horizon"), (report.Reason, report.Tag.Desktop!.Broker));
        Assert.Equal(("", "Unknown"), (TagReport.Of(new(), default, default).HypervisorVendor, TagReport.Of(new(), default, default).VirtualizationPlatform));
        Assert.Equal("", TagReport.Of(new() { Machine = MachineKind.Physical }, default, default).VirtualizationPlatform);
    }

    [Fact]
    public void Every_product_and_every_cloud_has_a_word_of_its_own_and_refines_one_that_is_there()
    {
        Assert.Distinct(Products.All.Select(static product => product.Id));
        Assert.Distinct(Clouds.All.Select(static cloud => cloud.Id));
        Assert.All(Products.All, static product =>
        {
            Assert.NotNull(Products.Find(product.Family));
            Assert.True(product.Refines is null || Products.Find(product.Refines) is not null, product.Id);
        });
        Assert.All(SmbiosProducts.Rules, static rule => Assert.NotNull(Products.Find(rule.Says)));
    }

    private static VirtualizationTag Tag(string product)
    {
        HypervisorProduct found = Products.Find(product)!;
        string family = found.Family == "qemu" ? "kvm" : found.Family;
        return new()
        {
            Machine = MachineKind.Virtual, Role = PartitionRole.Guest,
            Hypervisor = new() { Product = found.Id, Family = family, Name = found.Name, Vendor = found.Vendor },
        };
    }
}
