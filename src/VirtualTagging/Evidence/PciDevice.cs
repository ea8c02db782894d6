namespace Symantec.Virtualization.VirtualTagging;

/// <summary>A PCI device that is present.</summary>
/// <param name="Vendor">The vendor's number.</param>
/// <param name="Device">The device's number.</param>
public readonly record struct PciDevice(int Vendor, int Device);
