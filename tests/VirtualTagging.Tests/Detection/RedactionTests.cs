namespace Symantec.Virtualization.VirtualTagging.Tests;

public class RedactionTests
{
    [Theory]
    [InlineData("/proc/self/cgroup", "0::/system.slice/docker-4f0c9a1b2c3d4e5f.scope", "0::/system.slice/docker-redacted")]
    [InlineData("/proc/self/cgroup", "0::/kubepods.slice/kubepods-pod1234.slice/cri-containerd-4f0c9a1b2c3d.scope", "0::/kubepods.slice/kubepodsredacted/cri-containerd-redacted")]
    [InlineData("/proc/self/cgroup", "4:memory:/docker/4f0c9a1b2c3d\n0::/user.slice/user-1000.slice", "4:memory:/docker/redacted\n0::/user.slice/redacted")]
    [InlineData("/proc/self/cgroup", "0::/lxc.payload.alice-laptop", "0::/lxc.payloadredacted")]
    [InlineData("/proc/self/cgroup", "0::/machine.slice/machine-qemu-payroll.scope", "0::/machine.slice/redacted")]
    [InlineData("/proc/self/cgroup", "", "")]
    [InlineData("/proc/self/mountinfo", "26 1 0:50 / / rw - overlay overlay rw,lowerdir=/home/alice/x", "0 0 0:0 / / rw - overlay")]
    [InlineData("/proc/self/mountinfo", "26 1 0:50 / / rw - nfs server:/export/alice rw", "0 0 0:0 / / rw - nfs")]
    [InlineData("/proc/version", "Linux version 6.1.0-44-amd64 (alice@acme-laptop-7) (gcc 12)", "Linux version 6.1.0-44-amd64")]
    [InlineData("/proc/version", "Linux version 3.16.0 (gcc version 7.5.0) BrandZ virtual linux\n", "Linux version 3.16.0 BrandZ virtual linux")]
    [InlineData("/sys/hypervisor/uuid", "ec2e1916-9099-7caf-fd21-012345abcdef", "ec2-redacted")]
    public void Names_of_machines_people_and_containers_are_replaced_and_what_decides_stays(string path, string text, string redacted)
        => Assert.Equal(redacted, new EvidenceSnapshot { Files = new Dictionary<string, string> { [path] = text } }.Redact().Files[path]);

    [Fact]
    public void A_version_of_the_enclosure_goes_since_some_makers_put_a_serial_number_there()
        => Assert.Null(new EvidenceSnapshot { Smbios = new() { ChassisVersion = "SN-0815" } }.Redact().Smbios.ChassisVersion);

    [Theory]
    [InlineData("7783-7084-3265-9085-8269-3286-77", "7783-7084-3265-9085-8269-3286-77")]
    [InlineData("OracleCloud.com", "OracleCloud.com")]
    [InlineData("4711.zstack.io", "redacted.zstack.io")]
    [InlineData("INV-0815", "redacted")]
    [InlineData("", "")]
    public void Tags_of_clouds_stay_and_those_of_organisations_go(string tag, string redacted)
        => Assert.Equal(redacted, Redaction.Apply(new() { Smbios = new() { ChassisAssetTag = tag } }).Smbios.ChassisAssetTag);
}
