using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>A content that must not be skipped, or no longer must be. As the journal keeps it. Immutable.</summary>
internal sealed record Recall
{
    public required long Epoch { get; init; }

    public required string Tenant { get; init; }

    public required ContentHash Hash { get; init; }

    public bool Permanent { get; init; }

    /// <summary>Gets when a suspension ends.</summary>
    public DateTimeOffset Until { get; init; }

    public string? Threat { get; init; }

    public DateTimeOffset Reported { get; init; }

    /// <summary>Gets the clients that reported it.</summary>
    public ImmutableArray<uint> Reporters { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>Gets a value indicating whether an administrator has lifted it.</summary>
    public bool Lifted { get; init; }

    public bool Stands(DateTimeOffset now) => !Lifted && (Permanent || Until > now);

    public RecallDocument Describe() => new()
    {
        Hash = Hash,
        Permanent = Permanent,
        Until = Permanent ? null : Until,
        Threat = Threat,
        Reported = Reported,
        Reports = Reporters.Length,
        Epoch = Epoch,
    };
}

/// <summary>How the journal writes a recall.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(Recall))]
internal sealed partial class RecallJson : JsonSerializerContext;
