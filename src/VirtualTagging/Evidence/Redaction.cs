using System.Buffers;
using System.Text;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Replaces what names a machine, a person or an organisation, and keeps the part by which a hypervisor or a cloud is known.</summary>
internal static class Redaction
{
    private const string Replaced = "redacted";

    /// <summary>The first group of a UUID; shorter runs of hexadecimal digits are parts of words.</summary>
    private const int ShortestNumber = 8;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789abcdefABCDEF");

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
        "/proc/self/cgroup" => WithoutNumbers(text),
        "/run/.containerenv" => string.Join('\n', text.Split('\n').Where(static line => line.StartsWith("engine=", StringComparison.Ordinal))),
        _ => text,
    };

    /// <summary>Replaces what is long and hexadecimal: the ids of containers and pods.</summary>
    private static string WithoutNumbers(string text)
    {
        StringBuilder kept = new(text.Length);
        for (int at = 0; at < text.Length;)
        {
            int length = text.AsSpan(at).IndexOfAnyExcept(NumberCharacters);
            length = length < 0 ? text.Length - at : length;
            if (length < ShortestNumber)
            {
                length = Math.Min(length + 1, text.Length - at);
                kept.Append(text, at, length);
            }
            else
            {
                kept.Append(Replaced);
            }

            at += length;
        }

        return kept.ToString();
    }
}
