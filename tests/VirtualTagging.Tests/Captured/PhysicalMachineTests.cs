using System.IO.Compression;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.VirtualTagging.Tests;

/// <summary>Tens of thousands of real machines: none may be called virtual that is not.</summary>
public class PhysicalMachineTests
{
    private static readonly string[] VirtualVendors = ["QEMU", "Bochs"];

    [Fact]
    public void No_physical_machine_of_the_corpus_is_virtual_and_every_virtual_one_is_found()
    {
        int machines = 0;
        List<string> wrong = [];
        foreach (Dictionary<string, string> row in Rows("dmi-machines.tsv.gz"))
        {
            machines++;
            VirtualizationTag tag = VirtualizationDetector.Decide(new()
            {
                Smbios = new()
                {
                    BiosVendor = row["bios_vendor"],
                    BiosVersion = row["bios_version"],
                    BiosDate = row["bios_date"],
                    SysVendor = row["sys_vendor"],
                    ProductName = row["product_name"],
                    ProductVersion = row["product_version"],
                    ProductFamily = row["product_family"],
                    ProductSku = row["product_sku"],
                    BoardVendor = row["board_vendor"],
                    BoardName = row["board_name"],
                    BoardVersion = row["board_version"],
                    ChassisVendor = row["chassis_vendor"],
                    ChassisVersion = row["chassis_version"],
                    ChassisAssetTag = row["chassis_asset_tag"],
                    VirtualMachineBit = row["vm_bit"] == "1",
                    OemStrings = row["oem_strings"].Split(';', '|'),
                },
            });
            bool expected = row["product_name"] == "KVM" || VirtualVendors.Contains(row["sys_vendor"]);
            if (expected ? tag.Machine != MachineKind.Virtual : tag.Machine == MachineKind.Virtual || tag.Hypervisor is not null)
            {
                wrong.Add($"{row["path"]}: {row["sys_vendor"]}, {row["product_name"]}: {tag.Machine}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(machines > 1000, $"{machines} machines");
    }

    [Fact]
    public void No_ACPI_table_of_a_physical_machine_speaks_for_a_hypervisor()
    {
        Dictionary<string, List<AcpiTable>> machines = [];
        foreach (Dictionary<string, string> row in Rows("acpi-headers.tsv.gz"))
        {
            if (!machines.TryGetValue(row["path"], out List<AcpiTable>? tables))
            {
                machines.Add(row["path"], tables = []);
            }

            tables.Add(new(row["signature"], row["oem_id"], row["oem_table_id"]));
        }

        List<string> found = [.. machines
            .Where(static machine => VirtualizationDetector.Decide(new() { AcpiTables = machine.Value }).Machine == MachineKind.Virtual)
            .Select(static machine => machine.Key)];

        // All but one are physical; that one has the tables of a virtual machine.
        Assert.All(found, path => Assert.Contains(machines[path], static table => table.OemId.Trim() is "BOCHS" or "VBOX" or "VMWARE" or "VRTUAL" or "Xen" or "BHYVE" or "PRLS"));
        Assert.Single(found);
    }

    private static IEnumerable<Dictionary<string, string>> Rows(string file)
    {
        string path = SharedData.Require("virt", file);
        using StreamReader lines = new(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        string[] names = lines.ReadLine()!.Split('\t');
        while (lines.ReadLine() is { } line)
        {
            string[] values = line.Split('\t');
            yield return names.Select((name, i) => (name, Value: i < values.Length ? values[i] : "")).ToDictionary(static pair => pair.name, static pair => pair.Value);
        }
    }
}
