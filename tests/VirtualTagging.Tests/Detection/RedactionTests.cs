namespace Symantec.Virtualization.VirtualTagging.Tests;

public class RedactionTests
{
    [Theory]
    [InlineData("0::/system.slice/docker-4f0c9a1b2c3d4e5f.scope", "0::/system.slice/docker-redacted.scope")]
    [InlineData("0::/kubepods.slice/cri-containerd-4f0c9a1b2c3d.scope", "0::/kubepods.slice/cri-containerd-redacted.scope")]
    [InlineData("0::/machine.slice/libpod-4f0c9a1b2c3d.scope", "0::/machine.slice/libpod-redacted.scope")]
    [InlineData("0::/user.slice/user-1000.slice", "0::/user.slice/user-1000.slice")]
    [InlineData("", "")]
    [InlineData("deadbeef", "redacted")]
    public void Ids_of_containers_are_replaced_and_their_runtimes_stay(string group, string redacted)
    {
        EvidenceSnapshot snapshot = new() { Files = new Dictionary<string, string> { ["/proc/self/cgroup"] = group } };

        Assert.Equal(redacted, Redaction.Apply(snapshot).Files["/proc/self/cgroup"]);
    }

    [Theory]
    [InlineData("7783-7084-3265-9085-8269-3286-77", "7783-7084-3265-9085-8269-3286-77")]
    [InlineData("OracleCloud.com", "OracleCloud.com")]
    [InlineData("4711.zstack.io", "redacted.zstack.io")]
    [InlineData("INV-0815", "redacted")]
    [InlineData("", "")]
    public void Tags_of_clouds_stay_and_those_of_organisations_go(string tag, string redacted)
        => Assert.Equal(redacted, Redaction.Apply(new() { Smbios = new() { ChassisAssetTag = tag } }).Smbios.ChassisAssetTag);
}
