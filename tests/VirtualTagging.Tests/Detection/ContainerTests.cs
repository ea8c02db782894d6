namespace Symantec.Virtualization.VirtualTagging.Tests;

public class ContainerTests
{
    private const string InitialNamespace = "pid:[4026531836]";
    private const string OwnNamespace = "pid:[4026532198]";

    public static TheoryData<string, string, string?, string?> Machines => new()
    {
        { "a leftover of Docker in a virtual machine", "/.dockerenv=|/proc/self/ns/pid=" + InitialNamespace, null, null },
        { "Docker with its own process ids", "/.dockerenv=|/proc/self/ns/pid=" + OwnNamespace, "docker", null },
        { "Docker with control groups of the first version", "/proc/self/cgroup=4:memory:/docker/0123456789abcdef", "docker", null },
        { "Docker under systemd", "/proc/self/cgroup=0::/system.slice/docker-0123456789abcdef.scope", "docker", null },
        { "Podman", "/run/.containerenv=engine=\"podman-5.4\"\nname=\"web\"", "podman", null },
        { "containerd under Kubernetes", "/proc/self/cgroup=0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-0123456789ab.scope", "containerd", "kubernetes" },
        { "CRI-O under Kubernetes", "/proc/self/cgroup=0::/kubepods.slice/crio-0123456789ab.scope", "cri-o", "kubernetes" },
        { "Incus", "/run/host/container-manager=incus", "incus", null },
        { "LXC", "/proc/self/cgroup=0::/lxc.payload.web/init.scope", "lxc", null },
        { "systemd-nspawn", "/run/systemd/container=systemd-nspawn", "systemd-nspawn", null },
        { "OpenVZ", "/proc/vz=", "openvz", null },
        { "the host of OpenVZ", "/proc/vz=|/proc/bc=", null, null },
        { "Linux-VServer", "/proc/self/status=VxID:\t42", "linux-vserver", null },
        { "gVisor", "/proc/version=Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016", "gvisor", null },
        { "WSL 1", "/proc/sys/kernel/osrelease=4.4.0-19041-Microsoft", "wsl1", null },
        { "Docker on the kernel of WSL 2", "/proc/sys/kernel/osrelease=5.15.0-microsoft-standard-WSL2|/proc/self/cgroup=0::/docker/0123456789ab", "docker", null },
        { "a manager that gives no word", "/run/systemd/container=what is this?", "other", null },
        { "nothing", "/proc/self/cgroup=0::/user.slice", null, null },
    };

    [Theory]
    [MemberData(nameof(Machines))]
    public void A_container_is_known_by_what_it_cannot_leave_behind(string machine, string files, string? runtime, string? orchestrator)
    {
        VirtualizationTag tag = Decide(files);

        Assert.True(tag.Container?.Runtime == runtime && tag.Container?.Orchestrator == orchestrator, $"{machine}: {tag.Container}");
    }

    [Fact]
    public void WSL_2_is_a_virtual_machine_and_WSL_1_is_none()
    {
        VirtualizationTag second = Decide("/proc/sys/kernel/osrelease=5.15.153.1-microsoft-standard-WSL2");
        VirtualizationTag own = Decide("/proc/sys/kernel/osrelease=6.6.0-mine|/proc/sys/fs/binfmt_misc/WSLInterop=");
        VirtualizationTag azure = Decide("/proc/sys/kernel/osrelease=5.15.0-microsoft-standard");

        Assert.Equal((MachineKind.Virtual, "wsl2", "hyperv"), (second.Machine, second.Hypervisor!.Product, second.Hypervisor.Family));
        Assert.Equal("wsl2", own.Hypervisor!.Product);
        Assert.Null(azure.Hypervisor);
        Assert.Null(Decide("/proc/sys/kernel/osrelease=4.4.0-19041-Microsoft").Hypervisor);
    }

    [Fact]
    public void A_pod_is_known_by_its_service_account()
    {
        EvidenceSnapshot snapshot = new()
        {
            Note = "synthetic",
            Files = new Dictionary<string, string> { ["/var/run/secrets/kubernetes.io/serviceaccount"] = "" },
            Environment = new Dictionary<string, string> { ["KUBERNETES_SERVICE_HOST"] = "10.0.0.1" },
        };

        Assert.Equal(new ContainerTag("other", "kubernetes"), VirtualizationDetector.Decide(snapshot).Container);
    }

    [Theory]
    [InlineData("ContainerAdministrator", "windows")]
    [InlineData("WDAGUtilityAccount", "windows-sandbox")]
    [InlineData("alice", null)]
    public void A_container_of_Windows_is_known_by_its_accounts(string user, string? runtime)
        => Assert.Equal(runtime, VirtualizationDetector.Decide(new() { Environment = new Dictionary<string, string> { ["USERNAME"] = user } }).Container?.Runtime);

    private static VirtualizationTag Decide(string files) => VirtualizationDetector.Decide(new()
    {
        Note = "synthetic",
        Files = files.Split('|').Select(static file => file.Split('=', 2)).ToDictionary(static file => file[0], static file => file[1]),
    });
}
