using System.Globalization;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Reads what Linux knows of its machine, from <c>/proc</c>, <c>/sys</c> and a few files besides.</summary>
internal static class LinuxCapture
{
    private const string DmiFolder = "/sys/class/dmi/id/";
    private const string DmiTable = "/sys/firmware/dmi/tables/DMI";
    private const string AcpiFolder = "/sys/firmware/acpi/tables";

    private static readonly string[] Texts =
    [
        "/proc/version", "/proc/sys/kernel/osrelease", "/proc/xen/capabilities", "/proc/self/cgroup",
        "/sys/hypervisor/type", "/sys/hypervisor/guest_type", "/sys/hypervisor/uuid", "/sys/hypervisor/properties/features",
        "/sys/hypervisor/version/major", "/sys/hypervisor/version/minor", "/sys/hypervisor/version/extra",
        "/sys/module/kvm_intel/refcnt", "/sys/module/kvm_amd/refcnt",
        "/run/host/container-manager", "/run/systemd/container", "/run/.containerenv",
    ];

    /// <summary>Files whose being there is all that matters.</summary>
    private static readonly string[] Signs =
    [
        "/dev/sev-guest", "/dev/tdx_guest", "/run/WSL", "/proc/sys/fs/binfmt_misc/WSLInterop", "/proc/sys/fs/binfmt_misc/WSLInterop-late", "/.dockerenv",
        "/var/run/secrets/kubernetes.io/serviceaccount", "/proc/vz", "/proc/bc", "/proc/device-tree/ibm,partition-name",
        "/dev/mdesc", "/sys/class/vlds/ctrl", "/sys/bus/xen", "/sys/bus/xen-backend",
    ];

    public static EvidenceSnapshot Read(EvidenceSnapshot snapshot, CaptureOptions options, List<UnreadSource> unread)
    {
        HostFiles files = new(options.Root, unread);
        SmbiosFacts smbios = Smbios(files, unread);
        List<PciDevice> devices = Pci(files);
        bool bare = !smbios.NamesMachine && devices.Count == 0;
        return snapshot with
        {
            Smbios = smbios,
            AcpiTables = AcpiTables(files),
            AcpiDevices = [.. AcpiEvidence.Devices.Select(static name => name + ":00").Where(name => files.Exists("/sys/bus/acpi/devices/" + name))],
            PciDevices = devices,
            VmbusDevices = files.Exists("/sys/bus/vmbus/devices") ? files.Names(EvidenceSource.Vmbus, "/sys/bus/vmbus/devices").Count : null,
            MacPrefixes = Macs(files),
            Files = Files(files, readProcessorInfo: snapshot.Cpuid.Count == 0 || bare),
        };
    }

    private static SmbiosFacts Smbios(HostFiles files, List<UnreadSource> unread)
    {
        // Root reads all of it at once; others have a file a string, without what only the table holds.
        if (files.Exists(DmiTable))
        {
            byte[] table = new byte[HostFiles.MaxLength];
            if (files.Bytes(EvidenceSource.Smbios, DmiTable, table) is > 0 and int length && SmbiosTable.Parse(table.AsSpan(0, length)) is { NamesMachine: true } facts)
            {
                return facts;
            }
        }

        if (!files.Exists(DmiFolder))
        {
            return new();
        }

        string? Member(string name) => files.Text(EvidenceSource.Smbios, DmiFolder + name, 4096)?.TrimEnd('\n').Trim();
        int before = unread.Count;
        SmbiosFacts identity = new()
        {
            SysVendor = Member("sys_vendor"),
            ProductName = Member("product_name"),
        };
        for (int i = before; i < unread.Count; i++)
        {
            unread[i] = unread[i] with { Decides = true };
        }

        return identity with
        {
            BiosVendor = Member("bios_vendor"),
            BiosVersion = Member("bios_version"),
            BiosDate = Member("bios_date"),
            ProductVersion = Member("product_version"),
            ProductFamily = Member("product_family"),
            ProductSku = Member("product_sku"),
            ProductSerial = Member("product_serial"),
            ProductUuid = Member("product_uuid"),
            BoardVendor = Member("board_vendor"),
            BoardName = Member("board_name"),
            BoardVersion = Member("board_version"),
            ChassisVendor = Member("chassis_vendor"),
            ChassisVersion = Member("chassis_version"),
            ChassisAssetTag = Member("chassis_asset_tag"),
        };
    }

    private static List<AcpiTable> AcpiTables(HostFiles files)
    {
        List<AcpiTable> tables = [];
        byte[] header = new byte[AcpiHeader.Length];
        foreach (string name in files.Names(EvidenceSource.AcpiTables, AcpiFolder))
        {
            if (name is not ("data" or "dynamic") && files.Bytes(EvidenceSource.AcpiTables, $"{AcpiFolder}/{name}", header) is > 0 and int read)
            {
                if (AcpiHeader.Parse(header.AsSpan(0, read)) is { } table)
                {
                    tables.Add(table);
                }
            }
        }

        return tables;
    }

    private static List<PciDevice> Pci(HostFiles files)
    {
        List<PciDevice> devices = ParsePciList(files.Text(EvidenceSource.Pci, "/proc/bus/pci/devices") ?? "");
        if (devices.Count == 0)
        {
            const string Folder = "/sys/bus/pci/devices";
            foreach (string name in files.Names(EvidenceSource.Pci, Folder))
            {
                if (Number(files, $"{Folder}/{name}/vendor") is int vendor && Number(files, $"{Folder}/{name}/device") is int device)
                {
                    devices.Add(new(vendor, device));
                }
            }
        }

        return devices;
    }

    /// <summary>Reads <c>/proc/bus/pci/devices</c>: a line a device, vendor and device in the second column.</summary>
    internal static List<PciDevice> ParsePciList(string text)
    {
        List<PciDevice> devices = [];
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            int tab = line.IndexOf('\t');
            if (tab > 0 && line.Length >= tab + 9
                && uint.TryParse(line.Slice(tab + 1, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint id))
            {
                devices.Add(new((int)(id >> 16), (int)(id & 0xFFFF)));
            }
        }

        return devices;
    }

    private static int? Number(HostFiles files, string path)
        => files.Text(EvidenceSource.Pci, path, 64) is { } text
            && int.TryParse(text.AsSpan().Trim().TrimStart("0x"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static List<string> Macs(HostFiles files)
    {
        const string Folder = "/sys/class/net";
        return
        [
            .. files.Names(EvidenceSource.MacAddresses, Folder)
                .Select(name => files.Text(EvidenceSource.MacAddresses, $"{Folder}/{name}/address", 64))
                .Where(static address => address is { Length: >= 8 } && !address.StartsWith("00:00:00", StringComparison.Ordinal))
                .Select(static address => address![..8])
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static SortedDictionary<string, string> Files(HostFiles files, bool readProcessorInfo)
    {
        SortedDictionary<string, string> texts = new(StringComparer.Ordinal);
        void Keep(string path, string? text)
        {
            if (text is not null)
            {
                texts[path] = text;
            }
        }

        foreach (string path in Texts)
        {
            Keep(path, files.Text(EvidenceSource.Files, path));
        }

        foreach (string path in Signs.Where(files.Exists))
        {
            texts[path] = "";
        }

        // Of these files only the lines that matter are kept: they hold secrets, names, or everything about every processor.
        Keep("/proc/1/environ", Lines(files.Text(EvidenceSource.Files, "/proc/1/environ"), '\0', "container="));
        Keep("/proc/self/status", Lines(files.Text(EvidenceSource.Files, "/proc/self/status"), '\n', "VxID"));
        Keep("/proc/self/mountinfo", RootMount(files.Text(EvidenceSource.Files, "/proc/self/mountinfo")));
        Keep("/proc/self/ns/pid", files.Link("/proc/self/ns/pid"));
        Keep("/proc/sysinfo", Lines(files.Text(EvidenceSource.Files, "/proc/sysinfo"), '\n', "Manufacturer", "LPAR Number", "VM00 Control Program"));
        Keep("/proc/ppc64/lparcfg", Lines(files.Text(EvidenceSource.Files, "/proc/ppc64/lparcfg"), '\n', "shared_processor_mode"));
        if (readProcessorInfo)
        {
            // Opening it interrupts every processor on some kernels, and CPUID says more where there is one.
            Keep("/proc/cpuinfo", Lines(files.Text(EvidenceSource.Files, "/proc/cpuinfo"), '\n', "vendor_id", "model name", "model", "flags"));
        }

        DeviceTree(files, Keep);
        return texts;
    }

    private static void DeviceTree(HostFiles files, Action<string, string?> keep)
    {
        const string Root = "/proc/device-tree/";
        if (!files.Exists(Root))
        {
            return;
        }

        string[] names = [.. files.Names(EvidenceSource.DeviceTree, Root).Where(static name => name.StartsWith("fw-cfg@", StringComparison.Ordinal)).Select(static name => name + "/compatible")];
        foreach (string name in (string[])["compatible", "model", "hypervisor/compatible", .. names])
        {
            keep(Root + name, files.Text(EvidenceSource.DeviceTree, Root + name, 4096));
        }
    }

    /// <summary>Keeps the first line that starts with each name.</summary>
    private static string? Lines(string? text, char end, params string[] names)
    {
        if (text is null)
        {
            return null;
        }

        string[] lines = text.Split(end);
        IEnumerable<string> kept = names
            .Select(name => lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)
                && (name.EndsWith('=') || line.AsSpan(name.Length).TrimStart(" \t").StartsWith(":", StringComparison.Ordinal) || line.AsSpan(name.Length).StartsWith("=", StringComparison.Ordinal))))
            .OfType<string>();
        return string.Join(end, kept);
    }

    private static string? RootMount(string? text)
        => text is null ? null : string.Join('\n', text.Split('\n').Where(static line => line.Contains(" / / ", StringComparison.Ordinal)));
}
