using static Symantec.Virtualization.VirtualTagging.Tests.Synthetic;

namespace Symantec.Virtualization.VirtualTagging.Tests;

/// <summary>What no capture covers.</summary>
public class HypervisorTests
{
    public static TheoryData<string, string, string> GuestsWithVbs => new()
    {
        { "VMware, Inc.", "VMware20,1", "vmware" },
        { "QEMU", "Standard PC (Q35 + ICH9, 2009)", "qemu" },
        { "Nutanix", "AHV", "nutanix-ahv" },
        { "Microsoft Corporation", "Virtual Machine", "hyperv" },
        { "Xen", "HVM domU", "xen" },
    };

    [Theory]
    [MemberData(nameof(GuestsWithVbs))]
    public void A_guest_with_VBS_is_root_of_its_own_hypervisor_and_a_guest_of_the_one_around_it(string vendor, string product, string outer)
    {
        VirtualizationTag tag = Decide(Machine(HyperV(RootRights)) with { Smbios = Firmware(vendor, product) });

        Assert.Equal(MachineKind.Virtual, tag.Machine);
        Assert.Equal(outer, tag.Hypervisor!.Product);
        Assert.Equal(PartitionRole.Root, tag.Role);
        Assert.Equal([new(outer, PartitionRole.Guest), new("hyperv", PartitionRole.Root)], tag.Chain);
        Assert.Equal(outer == "hyperv" ? "10.0.20348" : null, tag.Hypervisor.Version);
    }

    [Fact]
    public void A_root_partition_that_says_it_is_nested_is_in_a_virtual_machine_whatever_the_firmware_says()
    {
        VirtualizationTag tag = Decide(Machine(HyperV(RootRights, features: 1u << 12)) with { Smbios = Firmware("Dell Inc.", "PowerEdge R640") });

        Assert.Equal((MachineKind.Virtual, PartitionRole.Root), (tag.Machine, tag.Role));
    }

    [Theory]
    [InlineData("Dell Inc.", "Latitude 7420")]
    [InlineData("Microsoft Corporation", "Surface Laptop 5")]
    public void A_laptop_with_VBS_or_WSL2_is_a_physical_machine_and_root_of_its_hypervisor(string vendor, string product)
    {
        VirtualizationTag tag = Decide(Machine(HyperV(RootRights)) with { Smbios = Firmware(vendor, product) });

        Assert.Equal((MachineKind.Physical, PartitionRole.Root), (tag.Machine, tag.Role));
        Assert.Equal(("hyperv", "10.0.20348"), (tag.Hypervisor!.Product, tag.Hypervisor.Version));
    }

    [Fact]
    public void A_guest_of_Azure_that_starts_guests_beside_itself_is_still_a_guest()
    {
        VirtualizationTag tag = Decide(Machine(HyperV(L1vhRights)) with
        {
            Smbios = Firmware("Microsoft Corporation", "Virtual Machine", "7783-7084-3265-9085-8269-3286-77"),
        });

        Assert.Equal((MachineKind.Virtual, PartitionRole.L1vh, "hyperv", "azure"), (tag.Machine, tag.Role, tag.Hypervisor!.Product, tag.Cloud!.Provider));
    }

    [Theory]
    [InlineData(1u, ConfidentialTechnology.Vbs)]
    [InlineData(2u, ConfidentialTechnology.SevSnp)]
    [InlineData(3u, ConfidentialTechnology.Tdx)]
    [InlineData(9u, ConfidentialTechnology.Unknown)]
    public void A_confidential_guest_behind_a_paravisor_tells_its_technology(uint kind, ConfidentialTechnology technology)
    {
        VirtualizationTag tag = Decide(Machine(HyperV(IsolatedRights, isolation: new(1, kind, 0, 0))));

        Assert.Equal(new ConfidentialTag(technology, Paravisor: true), tag.Confidential);
        Assert.Equal((MachineKind.Virtual, PartitionRole.Guest), (tag.Machine, tag.Role));
    }

    [Fact]
    public void A_guest_with_TDX_of_its_own_is_confidential()
    {
        EvidenceSnapshot snapshot = Machine((0x21, new(0, 0x6574_6E49, 0x2020_2020, 0x5844_546C)), (0x4000_0000, Named("KVMKVMKVM", 0x4000_0001)));

        Assert.Equal(new ConfidentialTag(ConfidentialTechnology.Tdx), Decide(snapshot).Confidential);
    }

    [Fact]
    public void A_guest_with_SEV_SNP_is_known_by_its_device()
    {
        VirtualizationTag tag = Decide(new() { Note = "synthetic", Files = new Dictionary<string, string> { ["/dev/sev-guest"] = "" } });

        Assert.Equal((MachineKind.Virtual, ConfidentialTechnology.SevSnp), (tag.Machine, tag.Confidential!.Technology));
    }

    [Theory]
    [InlineData("KVMKVMKVM", "kvm")]
    [InlineData("XenVMMXenVMM", "xen")]
    [InlineData("VMwareVMware", "vmware")]
    public void The_hypervisor_behind_Hyper_V_s_interface_is_the_product(string behind, string product)
    {
        VirtualizationTag tag = Decide(Machine([.. HyperV(GuestRights), (0x4000_0100, Named(behind, 0x4000_0101))]));

        Assert.Equal((MachineKind.Virtual, product, "hyperv"), (tag.Machine, tag.Hypervisor!.Product, tag.Hypervisor.Interface));
    }

    [Fact]
    public void VirtualBox_with_Hyper_V_s_interface_is_VirtualBox()
    {
        VirtualizationTag tag = Decide(Machine(HyperV(GuestRights, signature: "VBoxVBoxVBox")));

        Assert.Equal(("virtualbox", "hyperv"), (tag.Hypervisor!.Product, tag.Hypervisor.Interface));
    }

    [Fact]
    public void A_vendor_of_the_administrator_s_choice_is_still_a_guest()
    {
        VirtualizationTag tag = Decide(Machine(HyperV(GuestRights, signature: "whatever4you")) with { PciDevices = [new(0x1B36, 0x000D)] });

        Assert.Equal((MachineKind.Virtual, "qemu"), (tag.Machine, tag.Hypervisor!.Product));
    }

    [Theory]
    [InlineData("VMware, Inc.", "VMware7,1", "vmware")]
    [InlineData("QEMU", "Standard PC (i440FX + PIIX, 1996)", "qemu")]
    public void A_hypervisor_that_hides_from_the_processor_is_known_by_its_firmware(string vendor, string product, string hypervisor)
    {
        VirtualizationTag tag = Decide(new() { Note = "synthetic", Cpuid = Bare(), Smbios = Firmware(vendor, product) });

        Assert.Equal((MachineKind.Virtual, hypervisor), (tag.Machine, tag.Hypervisor!.Product));
        Assert.Contains(OnMachine(tag).Against, static finding => finding is { Source: EvidenceSource.Cpuid, Says: "physical" });
    }

    [Fact]
    public void Windows_on_arm64_in_Hyper_V_is_known_by_what_its_kernel_saw()
    {
        byte[] detail = new byte[7 * 16];
        CpuidLeaf vendor = Named("Microsoft Hv", 0x4000_000B);
        BitConverter.GetBytes(vendor.Eax).CopyTo(detail, 0);
        BitConverter.GetBytes(vendor.Ebx).CopyTo(detail, 4);
        BitConverter.GetBytes(vendor.Ecx).CopyTo(detail, 8);
        BitConverter.GetBytes(vendor.Edx).CopyTo(detail, 12);
        BitConverter.GetBytes(0x3123_7648).CopyTo(detail, 16);
        BitConverter.GetBytes(GuestRights).CopyTo(detail, (3 * 16) + 4);

        VirtualizationTag tag = Decide(new()
        {
            Note = "synthetic", OperatingSystem = "windows", Architecture = "arm64",
            Cpuid = HypervisorDetail.Parse(detail), Smbios = Firmware("Microsoft Corporation", "Virtual Machine"),
        });

        Assert.Equal((MachineKind.Virtual, "hyperv", PartitionRole.Guest), (tag.Machine, tag.Hypervisor!.Product, tag.Role));
    }

    [Theory]
    [InlineData(0xC000, "xenserver")]
    [InlineData(0xC200, "xcp-ng")]
    [InlineData(0x0001, "xen")]
    public void Citrix_and_XCP_ng_differ_by_a_device(int device, string product)
        => Assert.Equal(product, Decide(Machine((0x4000_0000, Named("XenVMMXenVMM", 0x4000_0005))) with { PciDevices = [new(0x5853, device)] }).Hypervisor!.Product);

    [Theory]
    [InlineData("Amazon EC2", "m7i.metal-24xl", true, MachineKind.Physical, "aws")]
    [InlineData("Amazon EC2", "c5.metal", false, MachineKind.Physical, "aws")]
    [InlineData("Google", "Google Compute Engine", false, MachineKind.Physical, "gcp")]
    [InlineData("Google", "Google Compute Engine", true, MachineKind.Virtual, "gcp")]
    [InlineData("Alibaba Cloud", "Alibaba Cloud ECS", false, MachineKind.Physical, "alibaba")]
    [InlineData("Hetzner", "vServer", true, MachineKind.Virtual, "hetzner")]
    public void A_cloud_rents_out_both_kinds_of_machine(string vendor, string product, bool hypervisor, MachineKind machine, string cloud)
    {
        CpuidTable processor = hypervisor && machine == MachineKind.Virtual ? Processor((0x4000_0000, Named("KVMKVMKVM", 0x4000_0001))) : Bare();

        VirtualizationTag tag = Decide(new() { Note = "synthetic", Cpuid = processor, Smbios = Firmware(vendor, product) });

        Assert.Equal((machine, cloud), (tag.Machine, tag.Cloud!.Provider));
    }

    [Fact]
    public void A_server_of_Hetzner_that_is_no_cloud_server_is_physical_and_in_no_cloud()
    {
        VirtualizationTag tag = Decide(new() { Note = "synthetic", Cpuid = Bare(), Smbios = Firmware("Hetzner", "AX41") });

        Assert.Equal((MachineKind.Physical, null), (tag.Machine, tag.Cloud));
    }

    [Fact]
    public void What_could_not_be_read_makes_a_machine_unknown_and_never_physical()
    {
        EvidenceSnapshot snapshot = new() { Note = "synthetic", Cpuid = Bare(), Unread = [new(EvidenceSource.Smbios, "RSMB", "access denied", Decides: true)] };

        Assert.Equal(MachineKind.Unknown, Decide(snapshot).Machine);
        Assert.Equal(MachineKind.Unknown, Decide(new()).Machine);
        Assert.Equal(MachineKind.Physical, Decide(snapshot with { Unread = [new(EvidenceSource.Smbios, "product_serial", "access denied")] }).Machine);
    }

    [Fact]
    public void A_monitor_made_for_KVM_that_runs_on_another_hypervisor_is_built_on_that()
    {
        VirtualizationTag tag = Decide(Machine((0x4000_0000, Named("bhyve bhyve ", 0x4000_0000))) with { AcpiTables = [new("FACP", "FIRECK", "FCVMFADT")] });

        Assert.Equal(("firecracker", "bhyve", "bhyve"), (tag.Hypervisor!.Product, tag.Hypervisor.Family, SystemdWords.Of(tag)));
    }

    [Theory]
    [InlineData("control_d", "0")]
    [InlineData("", "00000800")]
    public void The_control_domain_of_Xen_is_physical_though_it_sees_Xen(string capabilities, string features)
    {
        EvidenceSnapshot dom0 = Machine((0x4000_0000, Named("XenVMMXenVMM", 0x4000_0005)), (0x4000_0001, new(0x0004_0011, 0, 0, 0))) with
        {
            Smbios = Firmware("Dell Inc.", "PowerEdge R740"),
            Files = new Dictionary<string, string>
            {
                ["/sys/hypervisor/type"] = "xen\n", ["/proc/xen/capabilities"] = capabilities, ["/sys/hypervisor/properties/features"] = features,
            },
        };

        VirtualizationTag physical = Decide(dom0);
        VirtualizationTag nested = Decide(dom0 with { Smbios = Firmware("VMware, Inc.", "VMware7,1") });

        Assert.Equal((MachineKind.Physical, PartitionRole.Dom0, "xen"), (physical.Machine, physical.Role, physical.Hypervisor!.Product));
        Assert.Equal((MachineKind.Virtual, PartitionRole.Dom0, "vmware"), (nested.Machine, nested.Role, nested.Hypervisor!.Product));
        Assert.Equal([new("vmware", PartitionRole.Guest), new("xen", PartitionRole.Dom0)], nested.Chain);
    }

    [Theory]
    [InlineData("Vultr", "VC2")]
    [InlineData("Scaleway", "")]
    public void A_root_partition_on_a_cloud_that_rents_out_both_kinds_is_not_called_physical(string vendor, string product)
        => Assert.Equal(MachineKind.Unknown, Decide(Machine(HyperV(RootRights)) with { Smbios = Firmware(vendor, product) }).Machine);

    [Fact]
    public void The_bus_of_a_root_partition_makes_no_guest_of_it()
    {
        VirtualizationTag tag = Decide(Machine(HyperV(RootRights)) with { Smbios = Firmware("Dell Inc.", "Latitude"), VmbusDevices = 3 });

        Assert.Equal((MachineKind.Physical, PartitionRole.Root), (tag.Machine, tag.Role));
    }

    public static TheoryData<string, SmbiosFacts> Providers => new()
    {
        { "a chassis of QEMU", new() { SysVendor = "Foo Cloud", ProductName = "VPS", ChassisVendor = "QEMU" } },
        { "a chassis of Bochs", new() { SysVendor = "Tilaa", ProductName = "VPS", ChassisVendor = "Bochs" } },
        { "a board of QEMU's kind", new() { SysVendor = "Foo Cloud", ProductName = "VPS", ProductVersion = "pc-i440fx-2.1" } },
        { "firmware of QEMU", new() { SysVendor = "Foo Cloud", BiosVendor = "QEMU" } },
        { "CloudSigma", new() { ProductName = "CloudSigma" } },
        { "Outscale", new() { ProductName = "3DS Outscale VM" } },
        { "SmartOS", new() { ProductName = "SmartDC HVM" } },
    };

    [Theory]
    [MemberData(nameof(Providers))]
    public void A_provider_s_own_name_hides_no_virtual_machine(string by, SmbiosFacts facts)
        => Assert.True(Decide(new() { Note = "synthetic", Smbios = facts }).Machine == MachineKind.Virtual, by);

    [Theory]
    [InlineData("/proc/device-tree/compatible", "linux,dummy-virt\n", "kvmtool")]
    [InlineData("/proc/device-tree/compatible", "qemu,pseries\0", "qemu")]
    [InlineData("/dev/mdesc", "", "ldoms")]
    [InlineData("/sys/bus/xen", "", "xen")]
    public void Machines_without_firmware_strings_are_known_by_a_file(string path, string text, string product)
    {
        VirtualizationTag tag = Decide(new() { Note = "synthetic", Files = new Dictionary<string, string> { [path] = text, ["/proc/device-tree/model"] = "IBM pSeries (emulated by qemu)" } });

        Assert.Equal((MachineKind.Virtual, product), (tag.Machine, tag.Hypervisor!.Product));
    }

    [Theory]
    [InlineData("VirtualApple", 1u << 31, MachineKind.Virtual)]
    [InlineData("whatever4you", 1u << 31, MachineKind.Virtual)]
    [InlineData("CentaurHauls", 1u << 31, MachineKind.Physical)]
    [InlineData("GenuineIntel", 0u, MachineKind.Physical)]
    public void The_hypervisor_s_bit_counts_unless_the_maker_s_processors_return_garbage_there(string maker, uint features, MachineKind machine)
    {
        CpuidLeaf name = Named(maker, 1);
        CpuidTable cpuid = new([(0, 0, name with { Ecx = name.Edx, Edx = name.Ecx }), (1, 0, new(0, 0, features, 0))]);

        Assert.Equal(machine, Decide(new() { Note = "synthetic", Cpuid = cpuid }).Machine);
    }

    [Fact]
    public void Virtual_PC_has_Hyper_V_s_strings_and_no_word_for_the_processor()
        => Assert.Equal("virtual-pc", Decide(new() { Note = "synthetic", Cpuid = Bare(), Smbios = Firmware("Microsoft Corporation", "Virtual Machine") }).Hypervisor!.Product);

    [Fact]
    public void The_addresses_of_virtual_switches_make_no_host_a_guest()
    {
        VirtualizationTag tag = Decide(new()
        {
            Note = "synthetic", Cpuid = Bare(), Smbios = Firmware("LENOVO", "20XW"), MacPrefixes = ["00:15:5d", "00:50:56", "0a:00:27", "52:54:00"],
        });

        Assert.Equal((MachineKind.Physical, null), (tag.Machine, tag.Hypervisor));
    }

    [Fact]
    public void A_host_whose_kernel_runs_guests_is_a_physical_host()
    {
        VirtualizationTag tag = Decide(new()
        {
            Note = "synthetic", Cpuid = Bare(), Smbios = Firmware("Dell Inc.", "PowerEdge R740"), Files = new Dictionary<string, string> { ["/sys/module/kvm_intel/refcnt"] = "7\n" },
        });

        Assert.Equal((MachineKind.Physical, PartitionRole.Host, "kvm"), (tag.Machine, tag.Role, tag.Hypervisor!.Product));
    }

    private static VirtualizationTag Decide(EvidenceSnapshot snapshot) => VirtualizationDetector.Decide(snapshot);

    private static AxisEvidence OnMachine(VirtualizationTag tag) => tag.Evidence.Single(static evidence => evidence.Axis == TagAxis.Machine);
}
