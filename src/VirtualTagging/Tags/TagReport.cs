using System.Text.Json;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What a client tells its manager about the machine: the tag, and the fields that administrators know. A small, versioned JSON document.</summary>
public sealed record TagReport
{
    /// <summary>The version of the document that this library reads and writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The largest document that is read, in bytes.</summary>
    public const int MaxJsonLength = 1 << 20;

    /// <summary>Gets the version of the document's form.</summary>
    /// <value>The default value is 1.</value>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Gets when the machine was looked at.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets why the report was made.</summary>
    public required TagReportReason Reason { get; init; }

    /// <summary>Gets who makes the hypervisor that the machine is a guest of; empty for a machine that is no guest.</summary>
    public string HypervisorVendor { get; init => field = value ?? ""; } = "";

    /// <summary>Gets the product that the machine is a guest of; empty for a machine that is no guest, <c>Unknown</c> if that is not known.</summary>
    public string VirtualizationPlatform { get; init => field = value ?? ""; } = "";

    /// <summary>Gets whether the machine forgets its changes at a restart (non-persistent VDI); <see langword="null"/> if that is not known.</summary>
    public bool? NonPersistent { get; init; }

    /// <summary>Gets the tag.</summary>
    public required VirtualizationTag Tag { get; init; }

    /// <summary>Makes the report of a tag.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="time">When the machine was looked at.</param>
    /// <param name="reason">Why.</param>
    /// <returns>The report.</returns>
    public static TagReport Of(VirtualizationTag tag, DateTimeOffset time, TagReportReason reason)
    {
        ArgumentNullException.ThrowIfNull(tag);
        bool guest = tag.Machine == MachineKind.Virtual;
        return new()
        {
            Time = time,
            Reason = reason,
            HypervisorVendor = guest ? tag.Hypervisor?.Vendor ?? "" : "",
            VirtualizationPlatform = guest ? tag.Hypervisor?.Name ?? "" : tag.Machine == MachineKind.Unknown ? "Unknown" : "",
            NonPersistent = tag.Desktop?.Persistent is { } persistent ? !persistent : null,
            Tag = tag,
        };
    }

    /// <summary>Reads a report from JSON.</summary>
    /// <param name="utf8Json">The document.</param>
    /// <returns>The report.</returns>
    /// <exception cref="JsonException">The text is no report; the message names the member.</exception>
    public static TagReport Parse(ReadOnlySpan<byte> utf8Json)
    {
        if (utf8Json.Length > MaxJsonLength)
        {
            throw new JsonException($"A report of {utf8Json.Length} bytes is longer than {MaxJsonLength}.");
        }

        TagReport report = JsonSerializer.Deserialize(utf8Json, TaggingJson.Default.TagReport) ?? throw new JsonException("The report is null.");
        return report.Version == CurrentVersion
            ? report
            : throw new JsonException($"version: {report.Version} is not {CurrentVersion}, the only version that is known here.");
    }

    /// <summary>Writes the report as JSON.</summary>
    /// <returns>The document.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, TaggingJson.Default.TagReport);
}
