namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Lets a rule over SMBIOS read as a sentence.</summary>
internal static class SmbiosMembers
{
    public static SmbiosCondition BiosVendor(string text, TextMatch match = TextMatch.Whole) => new("bios_vendor", static facts => facts.BiosVendor, text, match);

    public static SmbiosCondition BiosVersion(string text, TextMatch match = TextMatch.Whole) => new("bios_version", static facts => facts.BiosVersion, text, match);

    public static SmbiosCondition Vendor(string text, TextMatch match = TextMatch.Whole) => new("sys_vendor", static facts => facts.SysVendor, text, match);

    public static SmbiosCondition Product(string text, TextMatch match = TextMatch.Whole) => new("product_name", static facts => facts.ProductName, text, match);

    public static SmbiosCondition Version(string text, TextMatch match = TextMatch.Whole) => new("product_version", static facts => facts.ProductVersion, text, match);

    public static SmbiosCondition Family(string text, TextMatch match = TextMatch.Whole) => new("product_family", static facts => facts.ProductFamily, text, match);

    public static SmbiosCondition Serial(string text, TextMatch match = TextMatch.Whole) => new("product_serial", static facts => facts.ProductSerial, text, match);

    public static SmbiosCondition BoardVendor(string text, TextMatch match = TextMatch.Whole) => new("board_vendor", static facts => facts.BoardVendor, text, match);

    public static SmbiosCondition Board(string text, TextMatch match = TextMatch.Whole) => new("board_name", static facts => facts.BoardName, text, match);

    public static SmbiosCondition ChassisVendor(string text, TextMatch match = TextMatch.Whole) => new("chassis_vendor", static facts => facts.ChassisVendor, text, match);

    public static SmbiosCondition AssetTag(string text, TextMatch match = TextMatch.Whole) => new("chassis_asset_tag", static facts => facts.ChassisAssetTag, text, match);
}
