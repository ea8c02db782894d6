using System.Text;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Examples.VirtTag;

/// <summary>A tag for a person to read.</summary>
internal static class TagText
{
    public static string Of(VirtualizationTag tag, bool explain)
    {
        StringBuilder text = new();
        Line(text, "Machine", tag.Machine switch { MachineKind.Virtual => "virtual", MachineKind.Physical => "physical", _ => "unknown: what could be read does not suffice" });
        if (tag.Hypervisor is { } hypervisor)
        {
            Line(text, "Hypervisor", $"{hypervisor.Name}{Prefixed(" ", hypervisor.Version)}{(hypervisor.Vendor.Length > 0 ? $" ({hypervisor.Vendor})" : "")}");
            Line(text, "Built on", hypervisor.Family == hypervisor.Product ? null : hypervisor.Family);
            Line(text, "Interface", hypervisor.Interface == hypervisor.Family ? null : hypervisor.Interface);
            Line(text, "Mode", hypervisor.Mode);
        }

        Line(text, "Role", tag.Role == PartitionRole.None ? null : tag.Role.ToString().ToLowerInvariant());
        Line(text, "Cloud", tag.Cloud is { } cloud ? $"{cloud.Name}{Prefixed(", ", cloud.InstanceType)}" : null);
        Line(text, "Container", tag.Container is { } container ? $"{container.Runtime}{Prefixed(" under ", container.Orchestrator)}" : null);
        Line(text, "Confidential", tag.Confidential is { } confidential ? $"{confidential.Technology}{(confidential.Paravisor ? ", behind a paravisor" : "")}" : null);
        Line(text, "Desktop", tag.Desktop is { } desktop ? Desktop(desktop) : null);
        Line(text, "Layers", tag.Chain.Count < 2 ? null : string.Join(" > ", tag.Chain.Select(static link => link.Layer)));
        Line(text, "Generation id", tag.HasGenerationId ? "offered by the hypervisor" : null);
        if (explain)
        {
            Explain(text, tag);
        }

        return text.ToString();
    }

    private static string Desktop(DesktopTag desktop)
        => desktop.Broker + desktop.Persistent switch { true => ", keeps its changes", false => ", forgets its changes at a restart", null => "" };

    private static void Explain(StringBuilder text, VirtualizationTag tag)
    {
        foreach (AxisEvidence answer in tag.Evidence.Where(static evidence => evidence.For.Count + evidence.Against.Count > 0))
        {
            text.AppendLine().AppendLine($"{answer.Axis}: {answer.Answer}");
            foreach (Finding finding in answer.For)
            {
                text.AppendLine($"  + {Describe(finding)}");
            }

            foreach (Finding finding in answer.Against)
            {
                text.AppendLine($"  - {Describe(finding)}, which says {finding.Says}");
            }
        }

        if (tag.Unread.Count > 0)
        {
            text.AppendLine().AppendLine("Could not be read:");
            foreach (UnreadSource unread in tag.Unread)
            {
                text.AppendLine($"  ? {unread.Source} {unread.Key}: {unread.Why}{(unread.Decides ? " (would decide)" : "")}");
            }
        }
    }

    private static string Describe(Finding finding) => $"{finding.Weight.ToString().ToLowerInvariant(),-13} {finding.Source} {finding.Key} = {finding.Value.Trim()}";

    private static void Line(StringBuilder text, string name, string? value)
    {
        if (value is not null)
        {
            text.AppendLine($"{name + ":",-15}{value}");
        }
    }

    private static string Prefixed(string prefix, string? value) => value is null ? "" : prefix + value;
}
