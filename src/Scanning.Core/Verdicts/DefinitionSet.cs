namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Which AV definitions an engine scans with.</summary>
/// <remarks>Two sets are equal if engine and digest are: where definitions were loaded from, and when, changes no verdict.</remarks>
public sealed record DefinitionSet
{
    /// <summary>Gets the engine that the definitions are for.</summary>
    public required string Engine { get; init; }

    /// <summary>Gets the version as people know it.</summary>
    public required string Version { get; init; }

    /// <summary>Gets a number that grows with each publication, within one engine; 0 where the publisher numbers nothing, as of loose files.</summary>
    public long Sequence { get; init; }

    /// <summary>Gets when the definitions were published, or their newest file was written; <see langword="null"/> if that is not known.</summary>
    public DateTimeOffset? Published { get; init; }

    /// <summary>Gets the hash over the definitions themselves: two sets of the same digest find the same threats.</summary>
    public required ContentHash Digest { get; init; }

    /// <summary>Gets the number of signatures in use.</summary>
    public long SignatureCount { get; init; }

    /// <summary>Gets where the definitions came from: a folder, or <c>embedded</c>.</summary>
    public string Source { get; init; } = "";

    /// <inheritdoc/>
    public bool Equals(DefinitionSet? other) => other is not null && Engine == other.Engine && Digest == other.Digest;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Engine, Digest);
}
