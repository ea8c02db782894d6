using System.Text.Json;
using Symantec.Virtualization.Management.Server.Storage;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Management.Server;

/// <summary>A tag as the columns that searches compare with.</summary>
internal static class TagColumns
{
    private const int MaxKey = 128;

    public static void Fill(ClientRecord client, TagReport report)
    {
        VirtualizationTag tag = report.Tag;
        client.Machine = Word(tag.Machine);
        client.Product = Key(tag.Hypervisor?.Product);
        client.Family = Key(tag.Hypervisor?.Family);
        client.Vendor = Key(tag.Hypervisor?.Vendor);
        client.Platform = Key(report.VirtualizationPlatform is { Length: > 0 } platform ? platform : tag.Hypervisor?.Name);
        client.HypervisorVersion = Key(tag.Hypervisor?.Version);
        client.Interface = Key(tag.Hypervisor?.Interface);
        client.Mode = Key(tag.Hypervisor?.Mode);
        client.Role = Word(tag.Role);
        client.Cloud = Key(tag.Cloud?.Provider);
        client.InstanceType = Key(tag.Cloud?.InstanceType);
        client.Container = Key(tag.Container?.Runtime);
        client.Orchestrator = Key(tag.Container?.Orchestrator);
        client.Confidential = tag.Confidential is { } confidential ? Word(confidential.Technology) : "";
        client.Broker = Key(tag.Desktop?.Broker);
        client.Pool = tag.Desktop is { } desktop ? Word(desktop.Pool) : "";
        client.MadeAs = tag.Desktop is { } made ? Word(made.MadeAs) : "";
        client.Persistent = (report.NonPersistent, tag.Desktop?.Persistent) switch
        {
            (true, _) or (null, false) => "no",
            (false, _) or (null, true) => "yes",
            _ => "",
        };
        client.HasGenerationId = tag.HasGenerationId;
        client.Chain = Key(string.Join('>', tag.Chain.Select(static link => link.Layer)));
        client.Contradictory = tag.Evidence.Any(static axis => axis.Against.Count > 0);
    }

    /// <summary>Puts together what free text is looked for in.</summary>
    public static void FillSearchText(ClientRecord client)
        => client.SearchText = string.Join(
            ' ',
            ((string[])
            [
                client.NameKey, client.Machine, client.Product, client.Family, client.Vendor, client.Platform, client.Role, client.Cloud, client.InstanceType, client.Container, client.Orchestrator,
                client.Confidential, client.Broker, client.AgentVersion.ToLowerInvariant(), client.Engine.ToLowerInvariant(), client.Definitions.ToLowerInvariant(), client.Id.ToString("D"),
            ]).Where(static part => part.Length > 0));

    public static string Key(string? text) => Shown(text, MaxKey).ToLowerInvariant();

    /// <summary>A stranger's text as it is kept: what does not print is shown by its code, which no database and no page stumbles over.</summary>
    public static string Shown(string? text, int most)
    {
        string shown = PrintableText.EscapeReceived(text ?? "");
        return shown.Length <= most ? shown : shown[..most];
    }

    public static string Word<T>(T choice)
        where T : struct, Enum
        => Enum.IsDefined(choice) ? JsonNamingPolicy.KebabCaseLower.ConvertName(choice.ToString()) : "";
}
