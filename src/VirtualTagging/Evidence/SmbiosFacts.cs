using System.Text.Json.Serialization;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What the firmware says of the machine: the strings of SMBIOS types 0 to 3 and 11. Immutable.</summary>
/// <remarks>Source: DMTF DSP0134, sections 7.1 to 7.4 and 7.12. The members are named as the files under <c>/sys/class/dmi/id</c>.</remarks>
public sealed record SmbiosFacts
{
    /// <summary>Gets the firmware's maker (type 0).</summary>
    public string? BiosVendor { get; init; }

    /// <summary>Gets the firmware's version (type 0).</summary>
    public string? BiosVersion { get; init; }

    /// <summary>Gets the firmware's date (type 0).</summary>
    public string? BiosDate { get; init; }

    /// <summary>Gets the real-mode segment where the firmware starts (type 0): VMware's releases differ in it.</summary>
    public int? BiosSegment { get; init; }

    /// <summary>Gets the machine's maker (type 1).</summary>
    public string? SysVendor { get; init; }

    /// <summary>Gets the machine's model (type 1).</summary>
    public string? ProductName { get; init; }

    /// <summary>Gets the model's version (type 1).</summary>
    public string? ProductVersion { get; init; }

    /// <summary>Gets the model's family (type 1).</summary>
    public string? ProductFamily { get; init; }

    /// <summary>Gets the model's stock-keeping number (type 1).</summary>
    public string? ProductSku { get; init; }

    /// <summary>Gets the machine's serial number (type 1); redacted to what its form says unless asked for.</summary>
    public string? ProductSerial { get; init; }

    /// <summary>Gets the machine's UUID (type 1); redacted to what its form says unless asked for.</summary>
    public string? ProductUuid { get; init; }

    /// <summary>Gets the board's maker (type 2).</summary>
    public string? BoardVendor { get; init; }

    /// <summary>Gets the board's model (type 2).</summary>
    public string? BoardName { get; init; }

    /// <summary>Gets the board's version (type 2).</summary>
    public string? BoardVersion { get; init; }

    /// <summary>Gets the enclosure's maker (type 3).</summary>
    public string? ChassisVendor { get; init; }

    /// <summary>Gets the enclosure's version (type 3).</summary>
    public string? ChassisVersion { get; init; }

    /// <summary>Gets the enclosure's asset tag (type 3): clouds sign here.</summary>
    public string? ChassisAssetTag { get; init; }

    /// <summary>Gets whether the firmware says that the machine is virtual (type 0, extension byte 2, bit 4); <see langword="null"/> if it was not read.</summary>
    public bool? VirtualMachineBit { get; init; }

    /// <summary>Gets the maker's own strings (type 11).</summary>
    public IReadOnlyList<string> OemStrings { get; init => field = value ?? []; } = [];

    /// <summary>Gets a value indicating whether anything names the machine.</summary>
    [JsonIgnore]
    public bool NamesMachine => !string.IsNullOrWhiteSpace(SysVendor) || !string.IsNullOrWhiteSpace(ProductName) || !string.IsNullOrWhiteSpace(BoardVendor);
}
