namespace Symantec.Virtualization.DiskImages.Partitions.Gpt;

/// <summary>The words for the types of GUID partition tables. They are for people: what a partition holds is found out by reading it.</summary>
internal static class GptTypes
{
    private static readonly Dictionary<Guid, (string Words, bool IsReserved)> Known = new()
    {
        [new("EBD0A0A2-B9E5-4433-87C0-68B6B72699C7")] = ("Windows data", false),
        [new("C12A7328-F81F-11D2-BA4B-00A0C93EC93B")] = ("EFI system", false),
        [new("DE94BBA4-06D1-4D40-A16A-BFD50179D6AC")] = ("Windows recovery", false),
        [new("E3C9E316-0B5C-4DB8-817D-F92DF00215AE")] = ("Microsoft reserved", true),
        [new("5808C8AA-7E8F-42E0-85D2-E1E90434CFB3")] = ("Windows dynamic disk metadata", true),
        [new("AF9B60A0-1431-4F62-BC68-3311714A69AD")] = ("Windows dynamic disk", false),
        [new("E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D")] = ("Windows Storage Spaces", false),
        [new("21686148-6449-6E6F-744E-656564454649")] = ("BIOS boot", true),
        [new("0FC63DAF-8483-4772-8E79-3D69D8477DE4")] = ("Linux data", false),
        [new("0657FD6D-A4AB-43C4-84E5-0933C84B4F4F")] = ("Linux swap", true),
        [new("E6D6D379-F507-44C2-A23C-238F2A3DF928")] = ("Linux LVM", false),
        [new("48465300-0000-11AA-AA11-00306543ECAC")] = ("Apple HFS+", false),
        [new("7C3457EF-0000-11AA-AA11-00306543ECAC")] = ("Apple APFS", false),
    };

    public static string Describe(Guid type) => Known.TryGetValue(type, out var known) ? known.Words : $"type {type}";

    /// <summary>Tells whether partitions of a type hold no file system by design.</summary>
    public static bool IsReserved(Guid type) => Known.TryGetValue(type, out var known) && known.IsReserved;
}
