using System.Text;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Reads who made an ACPI table.</summary>
/// <remarks>Source: ACPI 6.5, table 5.4 (header: signature at 0, maker at 10, name at 16) and table 5.9 (FADT: hypervisor vendor at 268).</remarks>
internal static class AcpiHeader
{
    /// <summary>How much of a table has to be read.</summary>
    public const int Length = 276;

    private const int HeaderLength = 36;
    private const int HypervisorAt = 268;

    public static AcpiTable? Parse(ReadOnlySpan<byte> table)
    {
        if (table.Length < HeaderLength)
        {
            return null;
        }

        string signature = Text(table[..4]);
        string? hypervisor = signature == "FACP" && table.Length >= Length ? Text(table.Slice(HypervisorAt, 8)).Trim('\0') : null;
        return new(signature, Text(table.Slice(10, 6)).TrimEnd('\0'), Text(table.Slice(16, 8)).TrimEnd('\0'), string.IsNullOrEmpty(hypervisor) ? null : hypervisor);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
