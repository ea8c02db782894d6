using System.Text.Json;
using System.Text.Json.Serialization;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Management.Protocol;

/// <summary>A tag report inside another document.</summary>
/// <param name="Report">The report.</param>
[JsonConverter(typeof(TagDocumentJsonConverter))]
public sealed record TagDocument(TagReport Report)
{
    /// <summary>Makes the document of a report.</summary>
    /// <param name="report">The report.</param>
    /// <returns>The document; <see langword="null"/> of none.</returns>
    public static TagDocument? Of(TagReport? report) => report is null ? null : new TagDocument(report);
}

/// <summary>Reads and writes the report by its own rules.</summary>
internal sealed class TagDocumentJsonConverter : JsonConverter<TagDocument>
{
    public override TagDocument Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        return new TagDocument(TagReport.Parse(JsonSerializer.SerializeToUtf8Bytes(document.RootElement, ManagementJson.Default.JsonElement)));
    }

    public override void Write(Utf8JsonWriter writer, TagDocument value, JsonSerializerOptions options)
    {
        using JsonDocument document = JsonDocument.Parse(value.Report.ToJson());
        document.WriteTo(writer);
    }
}

/// <summary>What a manager takes of a tag that a client sends.</summary>
internal static class TagRules
{
    public static void Validate(TagReport? report)
    {
        if (report is null)
        {
            return;
        }

        VirtualizationTag tag = report.Tag;
        Rules.Time(report.Time, "tag");
        Text(report.HypervisorVendor, "tag.hypervisorVendor");
        Text(report.VirtualizationPlatform, "tag.virtualizationPlatform");
        if (tag.Hypervisor is { } hypervisor)
        {
            Text(hypervisor.Family, "tag.hypervisor.family");
            Text(hypervisor.Product, "tag.hypervisor.product");
            Text(hypervisor.Name, "tag.hypervisor.name");
            Text(hypervisor.Vendor, "tag.hypervisor.vendor");
            Text(hypervisor.Version, "tag.hypervisor.version");
            Text(hypervisor.Interface, "tag.hypervisor.interface");
            Text(hypervisor.Mode, "tag.hypervisor.mode");
        }

        Text(tag.Cloud?.Provider, "tag.cloud.provider");
        Text(tag.Cloud?.Name, "tag.cloud.name");
        Text(tag.Cloud?.Platform, "tag.cloud.platform");
        Text(tag.Cloud?.InstanceType, "tag.cloud.instanceType");
        Text(tag.Container?.Runtime, "tag.container.runtime");
        Text(tag.Container?.Orchestrator, "tag.container.orchestrator");
        Text(tag.Desktop?.Broker, "tag.desktop.broker");
        Text(tag.Desktop?.PoolName, "tag.desktop.poolName");
        Text(tag.Desktop?.BrokerAddress, "tag.desktop.brokerAddress");
        Rules.Require(tag.Chain.Count <= MaxChain && tag.Chain.All(static link => link is { Layer.Length: <= WireLimits.MaxText }), "tag.chain", $"at most {MaxChain} layers are taken");
        Rules.Require(tag.Evidence.Count <= MaxAxes && tag.Unread.Count <= WireLimits.MaxFindings, "tag.evidence", $"at most {MaxAxes} axes and {WireLimits.MaxFindings} unread sources are taken");
        int findings = 0;
        foreach (AxisEvidence evidence in tag.Evidence)
        {
            Rules.Require(
                evidence is { For: not null, Against: not null, Answer.Length: <= WireLimits.MaxText }, "tag.evidence", "an axis has an answer, and lists for and against it");
            findings += evidence!.For!.Count + evidence.Against!.Count;
        }

        Rules.Require(findings <= WireLimits.MaxFindings, "tag.evidence", $"at most {WireLimits.MaxFindings} findings are taken");
    }

    private const int MaxChain = 16;
    private const int MaxAxes = 64;

    private static void Text(string? value, string member)
        => Rules.Require(value is null || value.Length <= WireLimits.MaxText, member, $"at most {WireLimits.MaxText} characters are taken");
}
