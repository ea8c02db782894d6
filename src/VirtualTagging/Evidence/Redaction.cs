namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Replaces what names a machine, a person or an organisation, and keeps the part by which a hypervisor or a cloud is known.</summary>
internal static class Redaction
{
    private const string Replaced = "redacted";

    private static readonly string[] GroupStarts = ["docker-", "libpod-", "cri-containerd-", "cri-containerd:", "crio-", "kubepods", "lxc.payload"];

    private static readonly string[] GroupWords = ["", "docker", "lxc", "user.slice", "system.slice", "machine.slice", "init.scope", "kubepods.slice"];

    /// <summary>How the serial numbers of hypervisors and clouds begin.</summary>
    private static readonly string[] SerialStarts = ["VMware-", "GoogleCloud-", "Parallels-", "YC-"];

    private static readonly string[] SerialEnds = [".brightbox.com"];

    private static readonly string[] OemStarts = ["vboxVer_", "vboxRev_", "[MS_VM_CERT/"];

    private static readonly string[] NamingValues =
    [
        DesktopEvidence.HorizonAgent, DesktopEvidence.OmnissaAgent, DesktopEvidence.HorizonPool, DesktopEvidence.CitrixControllers, DesktopEvidence.CitrixRegistered,
        DesktopEvidence.AvdPool, DesktopEvidence.AvdPoolName, DesktopEvidence.AvdBroker,
    ];

    public static EvidenceSnapshot Apply(EvidenceSnapshot snapshot) => snapshot with
    {
        Redacted = true,
        Smbios = snapshot.Smbios with
        {
            ProductSerial = Serial(snapshot.Smbios.ProductSerial),
            ProductUuid = Uuid(snapshot.Smbios.ProductUuid),
            ChassisVersion = null,      // some makers put a serial number there
            ChassisAssetTag = AssetTag(snapshot.Smbios.ChassisAssetTag),
            OemStrings = [.. snapshot.Smbios.OemStrings.Where(static text => OemStarts.Any(start => text.StartsWith(start, StringComparison.Ordinal)))],
        },
        Files = snapshot.Files.ToDictionary(static file => file.Key, static file => FileText(file.Key, file.Value)),
        Registry = snapshot.Registry.ToDictionary(static value => value.Key, static value => NamingValues.Contains(value.Key) ? Replaced : value.Value),
        Environment = snapshot.Environment.ToDictionary(static variable => variable.Key, static variable => variable.Key == "KUBERNETES_SERVICE_HOST" ? Replaced : variable.Value),
    };

    private static string? Serial(string? serial)
    {
        if (string.IsNullOrEmpty(serial))
        {
            return serial;
        }

        string? start = SerialStarts.FirstOrDefault(start => serial.StartsWith(start, StringComparison.Ordinal));
        string? end = SerialEnds.FirstOrDefault(end => serial.EndsWith(end, StringComparison.Ordinal));
        return start + Replaced + end;
    }

    /// <summary>Keeps the letters by which Amazon's instances on Xen are known, in either byte order.</summary>
    private static string? Uuid(string? uuid) => uuid switch
    {
        null or { Length: < 8 } => uuid,
        _ when uuid.StartsWith("ec2", StringComparison.OrdinalIgnoreCase) => "ec2-" + Replaced,
        _ when uuid[4] == '2' && uuid.AsSpan(6, 2).Equals("ec", StringComparison.OrdinalIgnoreCase) => "????2?ec-" + Replaced,
        _ => Replaced,
    };

    /// <summary>An organisation's own number, unless it is the sign of a cloud.</summary>
    private static string? AssetTag(string? tag)
        => string.IsNullOrEmpty(tag) || CloudEvidence.IsSign(tag) ? tag : tag.EndsWith(".zstack.io", StringComparison.Ordinal) ? Replaced + ".zstack.io" : Replaced;

    private static string FileText(string path, string text) => path switch
    {
        "/sys/hypervisor/uuid" => Uuid(text) ?? "",
        "/proc/self/cgroup" => ControlGroups(text),
        "/proc/self/mountinfo" => Mounts(text),
        "/proc/version" => Version(text),
        "/run/.containerenv" => string.Join('\n', text.Split('\n').Where(static line => line.StartsWith("engine=", StringComparison.Ordinal))),
        _ => text,
    };

    /// <summary>Keeps the release and the words by which kernels that are none are known; the rest names who built it, and where.</summary>
    private static string Version(string text)
    {
        if (text.StartsWith(ContainerEvidence.GvisorVersion, StringComparison.Ordinal))
        {
            return ContainerEvidence.GvisorVersion;
        }

        string release = string.Join(' ', text.Split(' ', '\n').Take(3));
        return text.Contains(ContainerEvidence.BrandZ, StringComparison.Ordinal) ? $"{release} {ContainerEvidence.BrandZ}" : release;
    }

    /// <summary>Keeps what is mounted where, and the kind of file system; sources and options name paths, servers and containers.</summary>
    private static string Mounts(string text) => string.Join('\n', text.Split('\n').Select(static line =>
        line.Split(" - ") is [{ } mount, .. { Length: > 0 } rest] ? $"{(mount.Contains(" / / ", StringComparison.Ordinal) ? "0 0 0:0 / / rw" : Replaced)} - {rest[^1].Split(' ')[0]}" : Replaced));

    /// <summary>Keeps the parts by which runtimes are known; the others name containers, machines and users.</summary>
    private static string ControlGroups(string text) => string.Join('\n', text.Split('\n').Select(static line =>
        string.Join('/', line.Split('/').Select(static (part, i) => i == 0 || GroupWords.Contains(part) ? part : GroupStarts.FirstOrDefault(start => part.StartsWith(start, StringComparison.Ordinal)) + Replaced))));
}
