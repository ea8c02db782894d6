using System.Text;
using FsCheck.Xunit;

namespace Symantec.Virtualization.VirtualTagging.Tests;

public class SmbiosTableTests
{
    [Fact]
    public void A_table_gives_the_strings_of_its_first_structures()
    {
        SmbiosFacts facts = SmbiosTable.Parse(Table());

        Assert.Equal(("VMware, Inc.", "VMW201.00V", 0xEA49), (facts.BiosVendor, facts.BiosVersion, facts.BiosSegment));
        Assert.Equal(("VMware, Inc.", "VMware20,1", "VMware-42"), (facts.SysVendor, facts.ProductName, facts.ProductSerial));
        Assert.Equal("33221100-5544-7766-8899-aabbccddeeff", facts.ProductUuid);
        Assert.Equal(("Intel", "440BX"), (facts.BoardVendor, facts.BoardName));
        Assert.Equal("tag", facts.ChassisAssetTag);
        Assert.Equal(["one", "two"], facts.OemStrings);
        Assert.True(facts.VirtualMachineBit);
        Assert.Equal("ESXi 6.7", VirtualizationDetector.Decide(new() { Smbios = facts }).Hypervisor!.Version);
    }

    [Property]
    public void A_table_that_is_cut_gives_what_stands_before_the_cut(uint at)
    {
        byte[] table = Table();
        SmbiosFacts whole = SmbiosTable.Parse(table);

        SmbiosFacts cut = SmbiosTable.Parse(table.AsSpan(0, (int)(at % (uint)table.Length)));

        Assert.True(cut.SysVendor is null || whole.SysVendor!.StartsWith(cut.SysVendor, StringComparison.Ordinal));
        Assert.True(cut.BoardName is null || whole.BoardName!.StartsWith(cut.BoardName, StringComparison.Ordinal));
    }

    [Property]
    public void Any_bytes_are_read(byte[] bytes) => Assert.NotNull(SmbiosTable.Parse(bytes));

    [Property]
    public void Any_change_to_a_table_is_read(byte value, uint at)
    {
        byte[] table = Table();
        table[at % (uint)table.Length] = value;

        Assert.NotNull(VirtualizationDetector.Decide(new() { Smbios = SmbiosTable.Parse(table) }));
    }

    [Fact]
    public void An_ACPI_header_gives_its_maker_and_a_FADT_its_hypervisor()
    {
        byte[] table = new byte[AcpiHeader.Length];
        Encoding.ASCII.GetBytes("FACP").CopyTo(table, 0);
        Encoding.ASCII.GetBytes("FIRECK").CopyTo(table, 10);
        Encoding.ASCII.GetBytes("FCVMFADT").CopyTo(table, 16);
        Encoding.ASCII.GetBytes("FIRECKVM").CopyTo(table, 268);

        Assert.Equal(new AcpiTable("FACP", "FIRECK", "FCVMFADT", "FIRECKVM"), AcpiHeader.Parse(table));
        Assert.Equal(new AcpiTable("FACP", "FIRECK", "FCVMFADT"), AcpiHeader.Parse(table.AsSpan(0, 36)));
        Assert.Null(AcpiHeader.Parse(table.AsSpan(0, 35)));
    }

    private static byte[] Table() =>
    [
        .. Structure(0, [1, 2, 0x49, 0xEA, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1C], "VMware, Inc.", "VMW201.00V", "06/01/2024"),
        .. Structure(1, [1, 2, 3, 4, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF], "VMware, Inc.", "VMware20,1", "None", "VMware-42"),
        .. Structure(2, [1, 2, 0, 0], "Intel", "440BX"),
        .. Structure(3, [1, 0, 0, 0, 2], "No Enclosure", "tag"),
        .. Structure(11, [2], "one", "two"),
        .. Structure(1, [1, 2], "a second system", "that does not count"),
        .. Structure(127, []),
    ];

    private static byte[] Structure(byte type, byte[] fields, params string[] strings)
        => [type, (byte)(4 + fields.Length), 0, 0, .. fields, .. strings.Length == 0 ? [0] : strings.SelectMany(static text => Encoding.Latin1.GetBytes(text + "\0")).ToArray(), 0];
}
