using System.Runtime.InteropServices;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>The resource attributes of OpenTelemetry.</summary>
/// <remarks>
/// Source: OpenTelemetry semantic conventions, "Host", "Cloud" and "Container" resources. They have no attribute for virtualization; those that start with
/// <c>virtualtagging.</c> are this library's own.
/// </remarks>
public static class TelemetryAttributes
{
    /// <summary>Gets the attributes of the machine.</summary>
    /// <param name="tag">The tag.</param>
    /// <returns>Names and values.</returns>
    public static IReadOnlyDictionary<string, string> Of(VirtualizationTag tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        SortedDictionary<string, string> attributes = new(StringComparer.Ordinal)
        {
            ["host.arch"] = RuntimeInformation.OSArchitecture switch
            {
                Architecture.X64 => "amd64",
                Architecture.X86 => "x86",
                Architecture.Arm64 => "arm64",
                Architecture.Arm => "arm32",
                Architecture.S390x => "s390x",
                Architecture.Ppc64le => "ppc64",
                Architecture other => other.ToString().ToLowerInvariant(),
            },
            ["virtualtagging.machine"] = TagWords.Of(tag.Machine),
            ["virtualtagging.role"] = TagWords.Of(tag.Role),
        };
        void Add(string name, string? value)
        {
            if (value is not null)
            {
                attributes[name] = value;
            }
        }

        Add("virtualtagging.hypervisor.family", tag.Hypervisor?.Family);
        Add("virtualtagging.hypervisor.product", tag.Hypervisor?.Product);
        Add("virtualtagging.confidential", tag.Confidential is { } confidential ? TagWords.Of(confidential.Technology) : null);
        Add("virtualtagging.desktop.broker", tag.Desktop?.Broker);
        Add("container.runtime", tag.Container?.Runtime);
        Add("host.type", tag.Cloud?.InstanceType);
        if (tag.Cloud is { } cloud && Clouds.Find(cloud.Provider) is { } provider)
        {
            Add("cloud.provider", provider.TelemetryProvider ?? provider.Id);
            Add("cloud.platform", provider.TelemetryPlatform);
        }

        return attributes;
    }
}
