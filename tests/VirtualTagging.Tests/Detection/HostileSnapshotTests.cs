using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Symantec.Virtualization.VirtualTagging.Tests;

/// <summary>Laws that hold for any snapshot, however broken.</summary>
public class HostileSnapshotTests
{
    private static readonly string[] Paths =
    [
        "/proc/cpuinfo", "/proc/self/cgroup", "/proc/version", "/proc/sysinfo", "/proc/xen/capabilities", "/sys/hypervisor/type", "/sys/hypervisor/properties/features",
        "/proc/device-tree/hypervisor/compatible", "/proc/device-tree/model", "/proc/1/environ", "/proc/self/status", "/proc/self/mountinfo", "/.dockerenv", "/proc/vz",
        "/proc/ppc64/lparcfg", "/sys/module/kvm_intel/refcnt", "/dev/sev-guest", "/run/.containerenv", @"C:\Personality.ini", "/proc/sys/kernel/osrelease",
    ];

    private static readonly string[] Texts =
    [
        "", "xen", "control_d", "QEMU", "VMware, Inc.", "VMware7,1", "Microsoft Corporation", "Virtual Machine", "Xen", "HVM domU", "Amazon EC2", "m5.metal", "Google Compute Engine",
        "vendor_id: User Mode Linux", "flags: fpu hypervisor", "0::/docker/1", "\0\0\0", "container=\u202Eevil", "VM00 Control Program: z/VM", "LPAR Number: 1", "\uD800", "fff", "7",
        new string('/', 100_000), "Dell Inc.", "Latitude",
    ];

    private static readonly uint[] Leaves = [0, 1, 2, 0xD, 0x16, 0x21, 0x4000_0000, 0x4000_0001, 0x4000_0002, 0x4000_0003, 0x4000_0004, 0x4000_000C, 0x4000_0100, 0x4000_0101, 0x4000_FF00, uint.MaxValue];

    private static readonly string[] Names = ["Microsoft Hv", "KVMKVMKVM", "XenVMMXenVMM", "VMwareVMware", "GenuineIntel", "AuthenticAMD", "whatever", "\u0001\u0002\u0003\u0004"];

    public static Arbitrary<EvidenceSnapshot> Snapshots()
    {
        Gen<CpuidLeaf> named = Gen.Elements(Names).Select(static name => CapturedMachine.Signature(name).Find(0x4000_0000)!.Value);
        Gen<CpuidLeaf> any = ArbMap.Default.GeneratorFor<uint[]>().Select(static r => new CpuidLeaf(At(r, 0), At(r, 1), At(r, 2), At(r, 3)));
        Gen<CpuidTable> cpuid = Gen.Zip(Gen.Elements(Leaves), Gen.OneOf(named, any, Gen.Constant(new CpuidLeaf(uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue))))
            .ListOf().Select(static leaves => new CpuidTable(leaves.Select(static leaf => (leaf.Item1, 0u, leaf.Item2))));
        Gen<string> text = Gen.OneOf(Gen.Elements(Texts), ArbMap.Default.GeneratorFor<string>().Select(static text => text ?? ""));
        Gen<SmbiosFacts> smbios = text.Four().Select(static t => new SmbiosFacts
        {
            SysVendor = t.Item1, ProductName = t.Item2, BiosVersion = t.Item3, ProductUuid = t.Item4, ChassisAssetTag = t.Item3, OemStrings = [t.Item2, t.Item4], BiosSegment = t.Item1.Length,
            VirtualMachineBit = t.Item1.Length % 2 == 0,
        });
        Gen<Dictionary<string, string>> files = Gen.Zip(Gen.Elements(Paths), text).ListOf().Select(static list => list.DistinctBy(static file => file.Item1).ToDictionary(static file => file.Item1, static file => file.Item2));
        Gen<PciDevice> device = Gen.Zip(Gen.Elements(0x15AD, 0x1AF4, 0x5853, 0x8086, -1, int.MaxValue), Gen.Choose(0, 0xFFFF)).Select(static pair => new PciDevice(pair.Item1, pair.Item2));
        return (from c in cpuid
                from s in smbios
                from f in files
                from p in device.ListOf()
                from a in text.Three()
                select new EvidenceSnapshot
                {
                    Note = "synthetic", Cpuid = c, Smbios = s, Files = f, PciDevices = p.ToArray(), AcpiTables = [new(a.Item1, a.Item2, a.Item3, a.Item1)], AcpiDevices = [a.Item2, "VMGENCTR:00"],
                    MacPrefixes = [a.Item1, "00:50:56"], Services = [a.Item3], VmbusDevices = a.Item1.Length - 2,
                }).ToArbitrary();
    }

    [Property(Arbitrary = [typeof(HostileSnapshotTests)], MaxTest = 500)]
    public void Any_snapshot_is_decided(EvidenceSnapshot snapshot)
    {
        VirtualizationTag tag = VirtualizationDetector.Decide(snapshot);

        Assert.Equal(11, tag.Evidence.Count);
        Assert.All(tag.Evidence.SelectMany(static evidence => evidence.For.Concat(evidence.Against)), static finding => Assert.InRange(finding.Value.Length, 0, Finding.MaxValueLength));
        Assert.True(tag.Machine != MachineKind.Virtual || (tag.Hypervisor is not null && tag.Role is not (PartitionRole.None or PartitionRole.Host)));
        Assert.True(tag.Machine != MachineKind.Unknown || (tag.Hypervisor is null && tag.Role == PartitionRole.None));
    }

    [Property(Arbitrary = [typeof(HostileSnapshotTests)], MaxTest = 500)]
    public void The_same_snapshot_gives_the_same_tag(EvidenceSnapshot snapshot)
        => Assert.Equal(Json(snapshot), Json(snapshot));

    [Property(Arbitrary = [typeof(HostileSnapshotTests)], MaxTest = 500)]
    public void Physical_evidence_never_turns_a_machine_virtual(EvidenceSnapshot snapshot)
    {
        EvidenceSnapshot more = snapshot with
        {
            Files = new Dictionary<string, string>(snapshot.Files) { ["/proc/device-tree/model"] = "Raspberry Pi 5" },
            PciDevices = [.. snapshot.PciDevices, new(0x8086, 0x1234), new(0x10DE, 0x2204)],
            AcpiTables = [.. snapshot.AcpiTables, new("FACP", "DELL  ", "CBX3    ")],
            MacPrefixes = [.. snapshot.MacPrefixes, "f8:b1:56"],
        };

        if (VirtualizationDetector.Decide(snapshot).Machine != MachineKind.Virtual)
        {
            Assert.NotEqual(MachineKind.Virtual, VirtualizationDetector.Decide(more).Machine);
        }
    }

    [Property(Arbitrary = [typeof(HostileSnapshotTests)], MaxTest = 500)]
    public void A_source_that_decides_and_was_not_read_leaves_no_machine_physical_without_proof(EvidenceSnapshot snapshot)
    {
        VirtualizationTag tag = VirtualizationDetector.Decide(snapshot with { Unread = [new(EvidenceSource.Smbios, "identity", "access denied", Decides: true)] });

        Assert.True(
            tag.Machine != MachineKind.Physical
            || tag.Evidence.Single(static evidence => evidence.Axis == TagAxis.Machine).For.Any(static finding => finding.Weight == EvidenceWeight.Proof));
    }

    [Property(MaxTest = 500)]
    public void Any_change_to_a_document_is_read_or_refused(byte value, int at)
    {
        byte[] json = Synthetic.Machine(Synthetic.HyperV(Synthetic.GuestRights)).ToJson();
        json[unchecked((int)((uint)at % (uint)json.Length))] = value;
        try
        {
            VirtualizationDetector.Decide(EvidenceSnapshot.Parse(json));
        }
        catch (JsonException)
        {
            // Refused, as a document may be.
        }
    }

    [Theory]
    [InlineData("""{ "version": 2 }""", "version: 2")]
    [InlineData("""{ "version": 1, "acpiTables": [null] }""", "acpiTables")]
    [InlineData("""{ "version": 1, "files": { "/x": null } }""", "files")]
    [InlineData("""{ "smbios": null }""", "smbios")]
    [InlineData("""{ "cpuid": { "zz": [] } }""", "zz")]
    [InlineData("""{ "cpuid": { "0": ["1", "2"] } }""", "cpuid.00000000")]
    [InlineData("""{ "cpuid": [] }""", "cpuid")]
    [InlineData("{}", "version: 0")]
    [InlineData("null", "null")]
    public void A_document_that_is_wrong_is_refused_by_the_name_of_what_is_wrong(string json, string named)
        => Assert.Contains(named, Assert.ThrowsAny<JsonException>(() => EvidenceSnapshot.Parse(Encoding.UTF8.GetBytes(json))).Message, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void A_document_without_end_is_refused_by_its_length()
        => Assert.Contains("longer than", Assert.ThrowsAny<JsonException>(static () => EvidenceSnapshot.Parse(new byte[EvidenceSnapshot.MaxJsonLength + 1])).Message, StringComparison.Ordinal);

    private static byte[] Json(EvidenceSnapshot snapshot)
        => TagReport.Of(VirtualizationDetector.Decide(snapshot), DateTimeOffset.UnixEpoch, TagReportReason.Startup).ToJson();

    private static uint At(uint[]? registers, int i) => registers is not null && i < registers.Length ? registers[i] : 0;
}
