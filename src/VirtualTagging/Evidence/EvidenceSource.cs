using System.Text.Json.Serialization;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Where a piece of evidence comes from.</summary>
[JsonConverter(typeof(WordConverter<EvidenceSource>))]
public enum EvidenceSource
{
    /// <summary>The processor's CPUID instruction, or what the kernel kept of it.</summary>
    Cpuid,

    /// <summary>The firmware's description of the machine (SMBIOS, DMI).</summary>
    Smbios,

    /// <summary>The headers of ACPI tables.</summary>
    AcpiTables,

    /// <summary>The names of ACPI devices.</summary>
    AcpiDevices,

    /// <summary>PCI devices.</summary>
    Pci,

    /// <summary>Devices of the VMBus.</summary>
    Vmbus,

    /// <summary>The device tree of machines without ACPI.</summary>
    DeviceTree,

    /// <summary>Files of the kernel and of the system.</summary>
    Files,

    /// <summary>The registry of Windows.</summary>
    Registry,

    /// <summary>Services that are installed.</summary>
    Services,

    /// <summary>The first halves of network addresses.</summary>
    MacAddresses,

    /// <summary>Variables of the process's environment.</summary>
    Environment,
}
