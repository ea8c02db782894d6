using System.Text.Json.Serialization;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Why a machine was looked at.</summary>
[JsonConverter(typeof(WordConverter<TagReportReason>))]
public enum TagReportReason
{
    /// <summary>The client started.</summary>
    Startup,

    /// <summary>The machine slept, or was stopped by its hypervisor, and may have been moved meanwhile.</summary>
    Resume,

    /// <summary>The answer is another than before: the machine was moved, or its hypervisor changed.</summary>
    Changed,
}
