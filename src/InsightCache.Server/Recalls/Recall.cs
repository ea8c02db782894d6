using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>A content that must not be skipped, or no longer must be. As the journal keeps it. Immutable.</summary>
internal sealed record Recall
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long Epoch { get; init; }

    public required string Tenant { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
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

    /// <summary>Gets a value indicating whether this says nothing of a content, and only how far the epoch has come.</summary>
    [JsonIgnore]
    public bool IsFloor => Tenant.Length == 0;

    public static Recall FloorAt(long epoch) => new() { Epoch = epoch, Tenant = "", Hash = default, Lifted = true };

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
