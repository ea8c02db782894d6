using System.Text.Json;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Everything that was read of a machine to tell whether it is virtual. Immutable; any machine in the field becomes a test case by it.</summary>
/// <remarks>
/// What is left out was not there; what was there and could not be read is listed in <see cref="Unread"/>. Texts are as the machine gave them, and
/// hostile: see <see cref="Finding.Value"/> for what may be shown. Setters take <see langword="null"/>, which the reader of JSON gives them for what a document leaves out.
/// </remarks>
public sealed record EvidenceSnapshot
{
    /// <summary>The version of the document that this library reads and writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The largest document that is read, in bytes: a captured machine takes less than a hundredth.</summary>
    public const int MaxJsonLength = 16 << 20;

    /// <summary>Gets the version of the document's form.</summary>
    /// <value>The default value is 1.</value>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Gets what a person should know of the snapshot: where it is from, or that it is synthetic.</summary>
    public string? Note { get; init; }

    /// <summary>Gets a value indicating whether serial numbers, UUIDs, addresses and names were replaced.</summary>
    public bool Redacted { get; init; }

    /// <summary>Gets the operating system: <c>linux</c>, <c>windows</c>, or another word; empty if it is not known.</summary>
    public string OperatingSystem { get; init => field = value ?? ""; } = "";

    /// <summary>Gets the processor's architecture: <c>x64</c>, <c>x86</c>, <c>arm64</c>, or another word; empty if it is not known.</summary>
    public string Architecture { get; init => field = value ?? ""; } = "";

    /// <summary>Gets the leaves of CPUID.</summary>
    public CpuidTable Cpuid { get; init => field = value ?? CpuidTable.Empty; } = CpuidTable.Empty;

    /// <summary>Gets what the firmware says of the machine.</summary>
    public SmbiosFacts Smbios { get; init => field = value ?? new SmbiosFacts(); } = new();

    /// <summary>Gets the ACPI tables that could be read.</summary>
    public IReadOnlyList<AcpiTable> AcpiTables { get; init => field = value ?? []; } = [];

    /// <summary>Gets the names of ACPI devices, as <c>VMGENCTR:00</c>.</summary>
    public IReadOnlyList<string> AcpiDevices { get; init => field = value ?? []; } = [];

    /// <summary>Gets the PCI devices that are present.</summary>
    public IReadOnlyList<PciDevice> PciDevices { get; init => field = value ?? []; } = [];

    /// <summary>Gets how many devices hang on a VMBus; <see langword="null"/> if there is none.</summary>
    public int? VmbusDevices { get; init; }

    /// <summary>Gets files of the kernel and of the system: path and text. An empty text stands for a file that is there, and whose text does not matter.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>Gets registry values: <c>HKLM\key\name</c> and text.</summary>
    public IReadOnlyDictionary<string, string> Registry { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>Gets the names of installed services that matter.</summary>
    public IReadOnlyList<string> Services { get; init => field = value ?? []; } = [];

    /// <summary>Gets the first three bytes of network addresses, as <c>00:50:56</c>.</summary>
    public IReadOnlyList<string> MacPrefixes { get; init => field = value ?? []; } = [];

    /// <summary>Gets the variables of the environment that matter.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>Gets what was there and could not be read.</summary>
    public IReadOnlyList<UnreadSource> Unread { get; init => field = value ?? []; } = [];

    /// <summary>Reads a snapshot from JSON.</summary>
    /// <param name="utf8Json">The document.</param>
    /// <returns>The snapshot.</returns>
    /// <exception cref="JsonException">The text is no snapshot; the message names the member.</exception>
    public static EvidenceSnapshot Parse(ReadOnlySpan<byte> utf8Json)
    {
        if (utf8Json.Length > MaxJsonLength)
        {
            throw new JsonException($"A snapshot of {utf8Json.Length} bytes is longer than {MaxJsonLength}.");
        }

        EvidenceSnapshot snapshot = JsonSerializer.Deserialize(utf8Json, TaggingJson.Default.EvidenceSnapshot) ?? throw new JsonException("The snapshot is null.");
        if (snapshot.Version != CurrentVersion)
        {
            throw new JsonException($"version: {snapshot.Version} is not {CurrentVersion}, the only version that is known here.");
        }

        RefuseNull("acpiTables", snapshot.AcpiTables);
        RefuseNull("acpiDevices", snapshot.AcpiDevices);
        RefuseNull("services", snapshot.Services);
        RefuseNull("macPrefixes", snapshot.MacPrefixes);
        RefuseNull("unread", snapshot.Unread);
        RefuseNull("smbios.oemStrings", snapshot.Smbios.OemStrings);
        RefuseNull("files", snapshot.Files.Values);
        RefuseNull("registry", snapshot.Registry.Values);
        RefuseNull("environment", snapshot.Environment.Values);
        return snapshot;
    }

    /// <summary>Replaces serial numbers, UUIDs, and the names of hosts, containers, pools and users, and keeps the parts by which a hypervisor or a cloud is known.</summary>
    /// <returns>The snapshot without them; the same one if it has none.</returns>
    public EvidenceSnapshot Redact() => Redacted ? this : Redaction.Apply(this);

    /// <summary>Writes the snapshot as JSON.</summary>
    /// <returns>The document.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, TaggingJson.Default.EvidenceSnapshot);

    private static void RefuseNull(string member, IEnumerable<object?> items)
    {
        if (items.Contains(null))
        {
            throw new JsonException($"{member}: an item is null.");
        }
    }
}
