using System.Text.Json.Serialization;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>One piece of evidence, and what it says.</summary>
public sealed record Finding
{
    /// <summary>Gets where it comes from.</summary>
    public required EvidenceSource Source { get; init; }

    /// <summary>Gets which piece: a leaf, a member of SMBIOS, a path, a registry value.</summary>
    public required string Key { get; init; }

    /// <summary>Gets the value as it may be shown: at most <see cref="MaxValueLength"/> characters, control characters replaced.</summary>
    public required string Value { get; init; }

    /// <summary>Gets what it speaks about.</summary>
    public required TagAxis Axis { get; init; }

    /// <summary>Gets what it says: a word of that axis.</summary>
    public required string Says { get; init; }

    /// <summary>Gets how much it counts.</summary>
    public required EvidenceWeight Weight { get; init; }

    /// <summary>The longest value that is shown, in characters.</summary>
    public const int MaxValueLength = 160;

    /// <summary>Writes the finding as a line.</summary>
    /// <returns>The line.</returns>
    public override string ToString() => $"{Source} {Key} = {Value}: {Axis} {Says} ({Weight})";
}

/// <summary>What a finding speaks about.</summary>
[JsonConverter(typeof(WordConverter<TagAxis>))]
public enum TagAxis
{
    /// <summary>Whether the machine is physical or virtual.</summary>
    Machine,

    /// <summary>The product of the hypervisor.</summary>
    Product,

    /// <summary>The interface that the hypervisor shows.</summary>
    Interface,

    /// <summary>The version of the hypervisor.</summary>
    Version,

    /// <summary>The kind of guest.</summary>
    Mode,

    /// <summary>What the operating system is to the hypervisor.</summary>
    Role,

    /// <summary>The cloud.</summary>
    Cloud,

    /// <summary>The container.</summary>
    Container,

    /// <summary>Confidential computing.</summary>
    Confidential,

    /// <summary>The virtual desktop.</summary>
    Desktop,

    /// <summary>The number by which the hypervisor tells a guest that it was cloned or taken back.</summary>
    GenerationId,
}

/// <summary>How much a piece of evidence counts.</summary>
[JsonConverter(typeof(WordConverter<EvidenceWeight>))]
public enum EvidenceWeight
{
    /// <summary>It agrees with other evidence and decides nothing.</summary>
    Corroborating,

    /// <summary>It is found on the other kind of machine as well.</summary>
    Weak,

    /// <summary>It decides unless proof says otherwise.</summary>
    Strong,

    /// <summary>It is not found on any other kind of machine.</summary>
    Proof,
}
