using System.Buffers;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What says that the process runs in a container. A leftover <c>/.dockerenv</c> says so only together with something else: images of virtual machines are made from containers.</summary>
internal static class ContainerEvidence
{
    public const string Wsl1 = "wsl1";

    /// <summary>The mark of a Linux zone of illumos in <c>/proc/version</c>.</summary>
    public const string BrandZ = "BrandZ virtual linux";

    /// <summary>The one line that gVisor's kernel in user space answers for <c>/proc/version</c>.</summary>
    public const string GvisorVersion = "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016";

    private const string Docker = "docker";
    private const string Podman = "podman";
    private const string Other = "other";

    /// <summary>The number of the initial namespace of process ids, which the kernel fixes.</summary>
    private const string InitialPidNamespace = "pid:[4026531836]";

    private static readonly SearchValues<char> WordCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    public static void Collect(EvidenceSnapshot snapshot, FindingList findings)
    {
        Declared(snapshot, findings);
        Files(snapshot, findings);
        ControlGroups(snapshot, findings);
        Windows(snapshot, findings);
        Kubernetes(snapshot, findings);
        Leftovers(snapshot, findings);
    }

    /// <summary>The manager of the container says it, in a file or in the environment of the first process.</summary>
    private static void Declared(EvidenceSnapshot snapshot, FindingList findings)
    {
        foreach (string path in (ReadOnlySpan<string>)["/run/host/container-manager", "/run/systemd/container"])
        {
            if (snapshot.File(path)?.Trim() is { Length: > 0 } manager)
            {
                findings.Add(EvidenceSource.Files, path, manager, TagAxis.Container, Runtime(manager), EvidenceWeight.Proof);
            }
        }

        foreach (string variable in snapshot.File("/proc/1/environ")?.Split('\0') ?? [])
        {
            if (variable.StartsWith("container=", StringComparison.Ordinal) && variable.Length > "container=".Length)
            {
                string says = Runtime(variable["container=".Length..].Trim());
                findings.Add(EvidenceSource.Files, "/proc/1/environ", variable, TagAxis.Container, says, EvidenceWeight.Proof);
            }
        }

        // Inherited by whatever a container's first process starts; a shell elsewhere may carry it too.
        if (snapshot.Environment.TryGetValue("container", out string? declared) && declared is { Length: > 0 })
        {
            findings.Add(EvidenceSource.Environment, "container", declared, TagAxis.Container, Runtime(declared), EvidenceWeight.Strong);
        }
    }

    private static void Files(EvidenceSnapshot snapshot, FindingList findings)
    {
        string version = snapshot.File("/proc/version") ?? "";
        if (version.Contains(BrandZ, StringComparison.Ordinal))
        {
            findings.Add(EvidenceSource.Files, "/proc/version", BrandZ, TagAxis.Container, "illumos-lx", EvidenceWeight.Proof);
        }
        else if (version.StartsWith(GvisorVersion, StringComparison.Ordinal))
        {
            findings.Add(EvidenceSource.Files, "/proc/version", GvisorVersion, TagAxis.Container, "gvisor", EvidenceWeight.Strong);
        }

        if (snapshot.HasFile("/proc/vz") && !snapshot.HasFile("/proc/bc"))
        {
            findings.Add(EvidenceSource.Files, "/proc/vz", "present, and no /proc/bc", TagAxis.Container, "openvz", EvidenceWeight.Proof);
        }

        if (snapshot.File("/proc/self/status") is { } status && SnapshotReading.LineOf(status, "VxID") is { Length: > 0 } context && context != "0")
        {
            findings.Add(EvidenceSource.Files, "/proc/self/status", "VxID: " + context, TagAxis.Container, "linux-vserver", EvidenceWeight.Proof);
        }

        if (snapshot.File("/run/.containerenv") is { } podman)
        {
            string engine = SnapshotReading.LineOf(podman, "engine")?.Trim('"') ?? "present";
            findings.Add(EvidenceSource.Files, "/run/.containerenv", engine, TagAxis.Container, Podman, EvidenceWeight.Strong);
        }
    }

    private static void ControlGroups(EvidenceSnapshot snapshot, FindingList findings)
    {
        const string Path = "/proc/self/cgroup";
        foreach (string line in (snapshot.File(Path) ?? "").Split('\n').Take(64))
        {
            string? runtime = null;
            foreach (string part in line.Split('/').Skip(1))
            {
                runtime = Group(part) ?? (part == Docker ? Docker : runtime);
            }

            if (runtime is not null)
            {
                findings.Add(EvidenceSource.Files, Path, line, TagAxis.Container, runtime, EvidenceWeight.Strong);
                return;
            }
        }
    }

    private static string? Group(string part) => part switch
    {
        _ when Starts(part, "docker-") => Docker,
        _ when Starts(part, "libpod-") => Podman,
        _ when Starts(part, "cri-containerd-") || Starts(part, "cri-containerd:") => "containerd",
        _ when Starts(part, "crio-") => "cri-o",
        _ when Starts(part, "kubepods") => Other,
        _ when Starts(part, "lxc.payload") || part == "lxc" => "lxc",
        _ => null,
    };

    private static bool Starts(string text, string start) => text.StartsWith(start, StringComparison.Ordinal);

    private static void Windows(EvidenceSnapshot snapshot, FindingList findings)
    {
        const string Key = @"HKLM\SYSTEM\CurrentControlSet\Control\ContainerType";
        if (snapshot.RegistryValue(Key) is { } type)
        {
            findings.Add(EvidenceSource.Registry, Key, type, TagAxis.Container, "windows", EvidenceWeight.Proof);
        }

        if (snapshot.Environment.TryGetValue("USERNAME", out string? user))
        {
            string? runtime = user switch { "WDAGUtilityAccount" => "windows-sandbox", "ContainerAdministrator" or "ContainerUser" => "windows", _ => null };
            if (runtime is not null)
            {
                findings.Add(EvidenceSource.Environment, "USERNAME", user, TagAxis.Container, runtime, EvidenceWeight.Strong);
            }
        }
    }

    private static void Kubernetes(EvidenceSnapshot snapshot, FindingList findings)
    {
        const string Mount = "/var/run/secrets/kubernetes.io/serviceaccount";
        bool host = snapshot.Environment.ContainsKey("KUBERNETES_SERVICE_HOST");
        if (snapshot.HasFile(Mount) && host)
        {
            findings.Add(EvidenceSource.Files, Mount, "present", TagAxis.Container, FindingList.Words.Kubernetes, EvidenceWeight.Strong);
        }
        else if (snapshot.File("/proc/self/cgroup")?.Contains("kubepods", StringComparison.Ordinal) == true)
        {
            findings.Add(EvidenceSource.Files, "/proc/self/cgroup", "kubepods", TagAxis.Container, FindingList.Words.Kubernetes, EvidenceWeight.Strong);
        }
    }

    /// <summary>Signs that a container leaves, and that count only where the process is not in the first namespace or something else says so.</summary>
    private static void Leftovers(EvidenceSnapshot snapshot, FindingList findings)
    {
        string? space = snapshot.File("/proc/self/ns/pid")?.Trim();
        bool inner = space is { Length: > 0 } && space != InitialPidNamespace;
        bool said = findings.On(TagAxis.Container).Any();
        bool docker = snapshot.HasFile("/.dockerenv");
        if (docker)
        {
            EvidenceWeight weight = inner ? EvidenceWeight.Strong : said ? EvidenceWeight.Weak : EvidenceWeight.Corroborating;
            findings.Add(EvidenceSource.Files, "/.dockerenv", "present", TagAxis.Container, Docker, weight);
        }

        bool dotnet = snapshot.Environment.TryGetValue("DOTNET_RUNNING_IN_CONTAINER", out string? set) && set is "true" or "1";
        bool overlay = snapshot.File("/proc/self/mountinfo") is { } mounts
            && mounts.Split('\n').Any(static line => line.Contains(" / / ", StringComparison.Ordinal) && line.Contains(" - overlay ", StringComparison.Ordinal));
        if (overlay && (inner || dotnet))
        {
            findings.Add(EvidenceSource.Files, "/proc/self/mountinfo", "root on overlay", TagAxis.Container, Other, EvidenceWeight.Strong);
        }
        else if (inner && dotnet)
        {
            findings.Add(EvidenceSource.Environment, "DOTNET_RUNNING_IN_CONTAINER", set, TagAxis.Container, Other, EvidenceWeight.Strong);
        }
    }

    /// <summary>The words that managers give for themselves, as far as they are words.</summary>
    private static string Runtime(string manager) => manager.ToLowerInvariant() switch
    {
        "zone" => "illumos-lx",
        "lxc-libvirt" => "lxc",
        { Length: > 0 and <= 32 } word when !word.AsSpan().ContainsAnyExcept(WordCharacters) => word,
        _ => Other,
    };
}
