using System.Runtime.Versioning;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.VirtualTagging.Tests;

/// <summary>The files of machines, laid out under a folder as Linux shows them.</summary>
[SupportedOSPlatform("linux")]
public sealed class LinuxCaptureTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public LinuxCaptureTests()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("reads the files of Linux");
        }
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_machine_is_captured_from_the_files_that_everybody_may_read()
    {
        Write("/sys/class/dmi/id/sys_vendor", "QEMU\n");
        Write("/sys/class/dmi/id/product_name", "Standard PC (Q35 + ICH9, 2009)\n");
        Write("/sys/class/dmi/id/bios_vendor", "Proxmox distribution of EDK II\n");
        Write("/proc/bus/pci/devices", "0000\t80861237\t0\n0008\t1af41000\t0\nrubbish\n0010\t1b36000d\t0\n");
        Write("/sys/bus/acpi/devices/VMGENCTR:00/status", "");
        Write("/sys/class/net/eth0/address", "bc:24:11:12:34:56\n");
        Write("/proc/self/cgroup", "0::/user.slice\n");

        EvidenceSnapshot snapshot = Capture();
        VirtualizationTag tag = VirtualizationDetector.Decide(snapshot with { Unread = [] });

        Assert.Equal([new(0x8086, 0x1237), new(0x1AF4, 0x1000), new(0x1B36, 0x000D)], snapshot.PciDevices);
        Assert.Equal(["bc:24:11"], snapshot.MacPrefixes);
        Assert.Equal((MachineKind.Virtual, "proxmox", true), (tag.Machine, tag.Hypervisor!.Product, tag.HasGenerationId));
    }

    [Fact]
    public void Of_files_with_secrets_only_the_lines_that_matter_are_kept()
    {
        Write("/proc/1/environ", "PATH=/bin\0SECRET=hunter2\0container=podman\0");
        Write("/proc/ppc64/lparcfg", "serial_number=IBM,0210D6B7T\nshared_processor_mode=1\n");
        Write("/proc/self/mountinfo", "26 1 0:50 / / rw - overlay overlay rw\n27 26 0:51 / /home/alice rw - nfs server:/home rw\n");
        Write("/proc/cpuinfo", "processor\t: 0\nvendor_id\t: IBM/S390\nserial\t: 00000000deadbeef\nflags\t: fpu\n");
        Write("/run/.containerenv", "engine=\"podman-5\"\nname=\"alices-box\"\nimage=\"registry.example/x\"\n");

        EvidenceSnapshot snapshot = Capture();
        string json = System.Text.Encoding.UTF8.GetString(snapshot.ToJson());

        Assert.Equal("container=podman", snapshot.Files["/proc/1/environ"]);
        Assert.Equal("shared_processor_mode=1", snapshot.Files["/proc/ppc64/lparcfg"]);
        Assert.All(["hunter2", "0210D6B7T", "alice", "deadbeef", "registry.example"], secret => Assert.DoesNotContain(secret, json, StringComparison.Ordinal));
        Assert.Equal("podman", VirtualizationDetector.Decide(snapshot).Container!.Runtime);
    }

    [Fact]
    public void Numbers_of_the_machine_are_kept_on_request_only()
    {
        Write("/sys/class/dmi/id/sys_vendor", "VMware, Inc.\n");
        Write("/sys/class/dmi/id/product_serial", "VMware-56 4d 01\n");
        Write("/sys/class/dmi/id/product_uuid", "564d0102-aaaa\n");
        Write("/sys/class/dmi/id/chassis_asset_tag", "INV-0815\n");

        SmbiosFacts redacted = Capture().Smbios;
        SmbiosFacts open = VirtualizationDetector.Capture(new() { Root = _root.Path, ReadProcessor = false, IncludeNames = true }).Smbios;

        Assert.Equal(("VMware-redacted", "redacted", "redacted"), (redacted.ProductSerial, redacted.ProductUuid, redacted.ChassisAssetTag));
        Assert.Equal(("VMware-56 4d 01", "564d0102-aaaa", "INV-0815"), (open.ProductSerial, open.ProductUuid, open.ChassisAssetTag));
    }

    [Fact]
    public void A_processor_that_was_not_asked_is_listed_as_unread_and_leaves_the_machine_unknown()
    {
        if (System.Runtime.InteropServices.RuntimeInformation.OSArchitecture is not System.Runtime.InteropServices.Architecture.X64)
        {
            Assert.Skip("the processor has no CPUID");
        }

        Write("/sys/class/dmi/id/sys_vendor", "Dell Inc.\n");

        EvidenceSnapshot snapshot = Capture();

        Assert.Contains(snapshot.Unread, static unread => unread is { Source: EvidenceSource.Cpuid, Decides: true });
        Assert.Equal(MachineKind.Unknown, VirtualizationDetector.Decide(snapshot).Machine);
    }

    [Fact]
    public void A_file_that_is_endless_or_a_folder_or_a_loop_is_read_up_to_its_bound()
    {
        Write("/proc/version", new string('x', 200_000));
        Directory.CreateDirectory(_root["proc/self/cgroup"]);
        File.CreateSymbolicLink(_root["proc/xen"], _root["proc/xen"]);

        EvidenceSnapshot snapshot = Capture();

        Assert.Equal(HostFiles.MaxLength, snapshot.Files["/proc/version"].Length);
        Assert.DoesNotContain("/proc/self/cgroup", snapshot.Files.Keys);
    }

    private EvidenceSnapshot Capture() => VirtualizationDetector.Capture(new() { Root = _root.Path, ReadProcessor = false });

    private void Write(string path, string text)
    {
        string full = _root[path[1..]];
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
