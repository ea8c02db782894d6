using System.Net.NetworkInformation;
using System.Runtime.Versioning;
using System.Security;
using Microsoft.Win32;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Reads what Windows knows of its machine: the firmware's tables, the registry, the devices that are present.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsCapture
{
    private const string BiosKey = @"HARDWARE\DESCRIPTION\System\BIOS";
    private const string ServicesKey = @"SYSTEM\CurrentControlSet\Services";

    /// <summary>Values whose text is kept. Those that name a person are read on request only.</summary>
    private static readonly string[] Values =
    [
        DesktopEvidence.HorizonAgent, DesktopEvidence.OmnissaAgent, DesktopEvidence.CitrixControllers, DesktopEvidence.CitrixRegistered,
        DesktopEvidence.PvsWriteCache, DesktopEvidence.AvdRegistered, DesktopEvidence.AvdPool, DesktopEvidence.AvdPoolName, DesktopEvidence.AvdBroker,
        @"HKLM\SYSTEM\CurrentControlSet\Control\ContainerType",
    ];

    private static readonly string[] PersonalValues = [DesktopEvidence.HorizonPool];

    /// <summary>Keys whose being there is all that matters.</summary>
    private static readonly string[] Keys = [DesktopEvidence.CloudPc];

    private static readonly string[] Services = [DesktopEvidence.CloudPcService, "BrokerAgent", "MF2Service", "RAS RD Session Host Agent"];

    public static EvidenceSnapshot Read(EvidenceSnapshot snapshot, CaptureOptions options, List<UnreadSource> unread)
    {
        IReadOnlyList<string>? acpi = PresentDevices.List("ACPI");
        IReadOnlyList<string>? pci = PresentDevices.List("PCI");
        IReadOnlyList<string>? vmbus = PresentDevices.List("VMBUS");
        if (pci is null)
        {
            unread.Add(new(EvidenceSource.Pci, "PCI", "the devices that are present cannot be listed"));
        }

        CpuidTable cpuid = snapshot.Cpuid.Count > 0 || !options.ReadProcessor ? snapshot.Cpuid : HypervisorDetail.Read();
        if (cpuid.Count == 0 && options.ReadProcessor)
        {
            unread.Add(new(EvidenceSource.Cpuid, "40000000", "neither the processor nor Windows tells of a hypervisor"));
        }

        return snapshot with
        {
            Cpuid = cpuid,
            Smbios = Smbios(unread),
            AcpiTables = AcpiTables(unread),
            AcpiDevices = [.. (acpi ?? []).Select(AcpiName).Distinct(StringComparer.Ordinal)],
            PciDevices = [.. (pci ?? []).Select(ParsePciId).OfType<PciDevice>()],
            VmbusDevices = vmbus is { Count: > 0 } ? vmbus.Count : null,
            MacPrefixes = Macs(unread),
            Registry = Registry(options.IncludeNames ? [.. Values, .. PersonalValues] : Values, unread),
            Services = [.. Services.Where(static service => HasKey($@"{ServicesKey}\{service}"))],
            Files = Files(),
        };
    }

    /// <summary>Reads vendor and device of an instance's id: <c>PCI\VEN_15AD&amp;DEV_0405&amp;...</c></summary>
    internal static PciDevice? ParsePciId(string id)
        => Hex(id, "VEN_") is int vendor && Hex(id, "DEV_") is int device ? new PciDevice(vendor, device) : null;

    private static int? Hex(string id, string name)
    {
        int at = id.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        return at >= 0 && id.Length >= at + name.Length + 4
            && int.TryParse(id.AsSpan(at + name.Length, 4), System.Globalization.NumberStyles.AllowHexSpecifier, null, out int number) ? number : null;
    }

    private static string AcpiName(string id) => id.Split('\\') is [_, { } name, ..] ? name : id;

    private static SmbiosFacts Smbios(List<UnreadSource> unread)
    {
        const int RawHeaderLength = 8;      // RawSMBIOSData: calling method, versions, length
        if (FirmwareTables.Read(FirmwareTables.RawSmbios, 0) is { Length: > RawHeaderLength } raw)
        {
            SmbiosFacts facts = SmbiosTable.Parse(raw.AsSpan(RawHeaderLength));
            if (facts.NamesMachine)
            {
                return facts;
            }
        }

        using RegistryKey? key = OpenReadable(BiosKey);
        if (key is null)
        {
            unread.Add(new(EvidenceSource.Smbios, "RSMB", "neither the firmware nor the registry gives it", Decides: true));
            return new();
        }

        return new()
        {
            BiosVendor = key.GetValue("BIOSVendor") as string,
            BiosVersion = key.GetValue("BIOSVersion") as string,
            BiosDate = key.GetValue("BIOSReleaseDate") as string,
            SysVendor = key.GetValue("SystemManufacturer") as string,
            ProductName = key.GetValue("SystemProductName") as string,
            ProductVersion = key.GetValue("SystemVersion") as string,
            ProductFamily = key.GetValue("SystemFamily") as string,
            ProductSku = key.GetValue("SystemSKU") as string,
            BoardVendor = key.GetValue("BaseBoardManufacturer") as string,
            BoardName = key.GetValue("BaseBoardProduct") as string,
            BoardVersion = key.GetValue("BaseBoardVersion") as string,
        };
    }

    private static List<AcpiTable> AcpiTables(List<UnreadSource> unread)
    {
        List<AcpiTable> tables = [];
        foreach (uint id in FirmwareTables.List(FirmwareTables.Acpi))
        {
            if (FirmwareTables.Read(FirmwareTables.Acpi, id) is { } bytes && AcpiHeader.Parse(bytes) is { } table)
            {
                tables.Add(table);
            }
        }

        if (tables.Count == 0)
        {
            unread.Add(new(EvidenceSource.AcpiTables, "ACPI", "the firmware lists no tables"));
        }

        return tables;
    }

    private static string[] Macs(List<UnreadSource> unread)
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Select(static network => network.GetPhysicalAddress().GetAddressBytes())
                    .Where(static address => address.Length == 6)
                    .Select(static address => $"{address[0]:x2}:{address[1]:x2}:{address[2]:x2}")
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (NetworkInformationException e)
        {
            unread.Add(new(EvidenceSource.MacAddresses, "interfaces", e.Message));
            return [];
        }
    }

    private static SortedDictionary<string, string> Registry(IEnumerable<string> values, List<UnreadSource> unread)
    {
        SortedDictionary<string, string> texts = new(StringComparer.OrdinalIgnoreCase);
        foreach (string value in values)
        {
            try
            {
                int last = value.LastIndexOf('\\');
                if (Open(value[..last]) is { } key)
                {
                    using (key)
                    {
                        if (key.GetValue(value[(last + 1)..]) is { } found)
                        {
                            texts[value] = found as string ?? Convert.ToString(found, System.Globalization.CultureInfo.InvariantCulture) ?? "";
                        }
                    }
                }
            }
            catch (Exception e) when (e is SecurityException or UnauthorizedAccessException or IOException)
            {
                unread.Add(new(EvidenceSource.Registry, value, "access denied"));
            }
        }

        foreach (string key in Keys.Where(static key => HasKey(key[@"HKLM\".Length..])))
        {
            texts[key] = "";
        }

        return texts;
    }

    private static RegistryKey? OpenReadable(string path)
    {
        try
        {
            return Microsoft.Win32.Registry.LocalMachine.OpenSubKey(path);
        }
        catch (Exception e) when (e is SecurityException or UnauthorizedAccessException or IOException)
        {
            return null;
        }
    }

    private static RegistryKey? Open(string path)
        => path.StartsWith(@"HKCU\", StringComparison.Ordinal)
            ? Microsoft.Win32.Registry.CurrentUser.OpenSubKey(path[@"HKCU\".Length..])
            : Microsoft.Win32.Registry.LocalMachine.OpenSubKey(path[@"HKLM\".Length..]);

    private static bool HasKey(string path)
    {
        try
        {
            using RegistryKey? key = Microsoft.Win32.Registry.LocalMachine.OpenSubKey(path);
            return key is not null;
        }
        catch (Exception e) when (e is SecurityException or UnauthorizedAccessException)
        {
            return true;    // It is there: what is not there is not protected.
        }
    }

    private static Dictionary<string, string> Files()
    {
        Dictionary<string, string> texts = [];
        try
        {
            // An image is captured with the file in it: it counts if it was written since the machine started.
            FileInfo personality = new(DesktopEvidence.Personality);
            if (personality is { Exists: true, Length: < HostFiles.MaxLength } && personality.LastWriteTimeUtc > DateTime.UtcNow.AddMilliseconds(-Environment.TickCount64))
            {
                texts[DesktopEvidence.Personality] = string.Join(
                    '\n', File.ReadLines(personality.FullName).Where(static line => line.Contains("DiskMode", StringComparison.OrdinalIgnoreCase)));
            }

            if (Directory.EnumerateFiles(@"C:\Windows\Temp", "vmware-viewcomposer-ga-new*.log").Any())
            {
                texts[DesktopEvidence.ClonePrepLog] = "";
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Both tell of a desktop's clone and nothing else; the folder of temporary files is closed to users on many images.
            return texts;
        }

        return texts;
    }
}
