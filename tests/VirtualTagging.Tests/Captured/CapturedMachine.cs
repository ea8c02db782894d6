using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.VirtualTagging.Tests;

/// <summary>A machine that other projects captured, and what is known of it.</summary>
/// <param name="Id">Its name in the data.</param>
/// <param name="Snapshot">What was captured.</param>
/// <param name="Expected">What is known, by axis.</param>
public sealed record CapturedMachine(string Id, EvidenceSnapshot Snapshot, IReadOnlyDictionary<string, string?> Expected)
{
    /// <summary>Reads all of them from the shared data; skips the test if that is not there.</summary>
    public static IReadOnlyList<CapturedMachine> ReadAll()
    {
        string path = SharedData.Require("virt", "cases.jsonl.gz");
        using StreamReader lines = new(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        List<CapturedMachine> machines = [];
        while (lines.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            machines.Add(Read(document.RootElement));
        }

        return machines;
    }

    /// <summary>A signature alone, as some captures give it: its first leaf.</summary>
    public static CpuidTable Signature(string signature)
    {
        byte[] bytes = new byte[12];
        Encoding.ASCII.GetBytes(signature.PadRight(12, '\0').AsSpan(0, 12), bytes);
        return new(
        [
            (0x4000_0000, 0, new(0x4000_0001, BitConverter.ToUInt32(bytes, 0), BitConverter.ToUInt32(bytes, 4), BitConverter.ToUInt32(bytes, 8))),
        ]);
    }

    private static CapturedMachine Read(JsonElement machine)
    {
        Dictionary<string, string> files = Texts(machine, "files");
        EvidenceSnapshot snapshot = new()
        {
            Architecture = machine.TryGetProperty("arch", out JsonElement architecture) ? architecture.GetString()! : "",
            Cpuid = machine.TryGetProperty("cpuid", out JsonElement leaves) ? Leaves(leaves)
                : machine.TryGetProperty("cpuid_signature", out JsonElement signature) ? Signature(signature.GetString()!) : CpuidTable.Empty,
            Smbios = machine.TryGetProperty("dmi", out JsonElement dmi) ? Facts(dmi) : new(),
            PciDevices = LinuxCapture.ParsePciList(files.GetValueOrDefault("/proc/bus/pci/devices", "")),
            Files = files,
        };
        return new(
            machine.GetProperty("id").GetString()!,
            snapshot,
            machine.GetProperty("expected").EnumerateObject().ToDictionary(static axis => axis.Name, static axis => axis.Value.ValueKind == JsonValueKind.Null ? null : axis.Value.ToString()));
    }

    private static Dictionary<string, string> Texts(JsonElement machine, string name)
        => machine.TryGetProperty(name, out JsonElement texts)
            ? texts.EnumerateObject().ToDictionary(static text => text.Name, static text => text.Value.GetString()!)
            : [];

    private static CpuidTable Leaves(JsonElement leaves)
    {
        List<(uint, uint, CpuidLeaf)> table = [];
        foreach (JsonProperty leaf in leaves.EnumerateObject())
        {
            string[] name = leaf.Name.Split('.');
            uint[] registers = [.. leaf.Value.EnumerateArray().Select(static register => Hex(register.GetString()!))];
            table.Add((Hex(name[0]), name.Length > 1 ? Hex(name[1]) : 0, new(registers[0], registers[1], registers[2], registers[3])));
        }

        return new(table);
    }

    private static SmbiosFacts Facts(JsonElement dmi)
    {
        string? Text(string name) => dmi.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
        return new()
        {
            BiosVendor = Text("bios_vendor"),
            BiosVersion = Text("bios_version"),
            BiosDate = Text("bios_date"),
            SysVendor = Text("sys_vendor"),
            ProductName = Text("product_name"),
            ProductVersion = Text("product_version"),
            ProductFamily = Text("product_family"),
            ProductSku = Text("product_sku"),
            ProductSerial = Text("product_serial"),
            ProductUuid = Text("product_uuid"),
            BoardVendor = Text("board_vendor"),
            BoardName = Text("board_name"),
            BoardVersion = Text("board_version"),
            ChassisVendor = Text("chassis_vendor"),
            ChassisVersion = Text("chassis_version"),
            ChassisAssetTag = Text("chassis_asset_tag"),
            VirtualMachineBit = dmi.TryGetProperty("smbios_vm_bit", out JsonElement bit) && bit.ValueKind is JsonValueKind.True or JsonValueKind.False ? bit.GetBoolean() : null,
            OemStrings = dmi.TryGetProperty("oem_strings", out JsonElement strings) ? [.. strings.EnumerateArray().Select(static text => text.GetString()!)] : [],
        };
    }

    private static uint Hex(string text) => uint.Parse(text.Replace("0x", "", StringComparison.OrdinalIgnoreCase), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
