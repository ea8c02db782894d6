namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Who made a table of the ACPI firmware.</summary>
/// <remarks>Source: ACPI 6.5, table 5.4 (DESCRIPTION_HEADER fields).</remarks>
/// <param name="Signature">The kind of table: <c>FACP</c>, <c>DSDT</c>, <c>WAET</c> ...</param>
/// <param name="OemId">The maker, up to 6 characters.</param>
/// <param name="OemTableId">The maker's name of the table, up to 8 characters.</param>
/// <param name="HypervisorVendor">In a FACP of revision 6 or later: the eight characters at 268 that name a hypervisor; else <see langword="null"/>.</param>
public sealed record AcpiTable(string Signature, string OemId, string OemTableId, string? HypervisorVendor = null);
