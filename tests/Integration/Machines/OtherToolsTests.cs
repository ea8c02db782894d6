using Symantec.Virtualization.Peers;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Integration.Machines;

/// <summary>What other tools say of the machine that runs the tests. Every difference has to be one that is known, with its reason.</summary>
public class OtherToolsTests
{
    /// <summary>What a tool says and what is said here, with the reason for the difference.</summary>
    private static readonly Dictionary<(string Theirs, string Ours), string> Explained = new()
    {
        [("docker", "none")] = "a leftover /.dockerenv in a machine's image makes a container to them; its processes are in the first namespace",
        [("kvm", "amazon")] = "systemd before 251 has no word for Nitro",
        [("kvm", "google")] = "systemd before 254 has no word for Compute Engine",
        [("qemu", "kvm")] = "without CPUID (arm64) they go by the firmware's name",
        [("microsoft", "none")] = "Hyper-V's signature is shown to its root partition too",
        [("oracle", "none")] = "they take servers of Oracle for VirtualBox",
        [("container-other", "none")] = "they cannot read the first process and guess",
    };

    private readonly VirtualizationTag _tag = new VirtualizationDetector().Detect();

    [Theory]
    [InlineData("--vm")]
    [InlineData("--container")]
    public void Systemd_detect_virt_says_the_same(string kind)
    {
        Peer.Require("systemd-detect-virt");

        string theirs = ProgramRun.Of("systemd-detect-virt", [kind]).Output.Trim();
        string ours = kind == "--vm" ? SystemdWords.Machine(_tag) : SystemdWords.Container(_tag);

        AssertExplained(theirs, ours);
    }

    [Fact]
    public void Virt_what_says_the_same()
    {
        Peer.Require("virt-what");
        Peer.RequireRoot();
        ProgramRun run = ProgramRun.Of("virt-what", [], ("PATH", Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin"));

        string[] theirs = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        IReadOnlyList<string> ours = VirtWhatFacts.Of(_tag);

        Assert.All(theirs.Except(ours), fact => AssertExplained(fact, "none"));
        // It knows a cloud's instance by fewer signs.
        Assert.All(ours.Except(theirs), fact => Assert.Contains(fact, new[] { "kvm", "aws" }));
    }

    [Fact]
    public void Lscpu_says_the_same()
    {
        Peer.Require("lscpu");

        string[] lines = ProgramRun.Of("lscpu", [], ("LC_ALL", "C")).Output.Split('\n');
        bool full = lines.Any(static line => line.StartsWith("Virtualization type:", StringComparison.Ordinal) || line.StartsWith("Hypervisor vendor:", StringComparison.Ordinal));

        // It knows fewer signatures: what it calls virtual has to be, and not the other way round.
        Assert.True(!full || _tag.Machine == MachineKind.Virtual || _tag.Role is PartitionRole.Root or PartitionRole.Dom0);
    }

    private static void AssertExplained(string theirs, string ours)
        => Assert.True(theirs == ours || Explained.ContainsKey((theirs, ours)), $"they say {theirs}, and {ours} is said here, without a known reason");
}
