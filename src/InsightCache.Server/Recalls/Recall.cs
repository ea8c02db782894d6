using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>A content that must not be skipped, or no longer must be. As the journal keeps it. Immutable.</summary>
internal sealed record Recall
{
    private const int MaxThreat = 200;

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long Epoch { get; init; }

    public required string Tenant { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required ContentHash Hash { get; init; }

    public bool Permanent { get; init; }

    /// <summary>Gets when a suspension ends.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>Gets the name of the threat; what is beyond a bound is cut, since a line of the journal has one as well.</summary>
    public string? Threat { get; init => field = value is { Length: > MaxThreat } ? value[..MaxThreat] : value; }

    public DateTimeOffset Reported { get; init; }

    /// <summary>Gets the clients that reported it.</summary>
    public ImmutableArray<uint> Reporters { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>Gets when it last changed, at the server that changed it: later than any change of the same content that this server knew of.</summary>
    public DateTimeOffset Changed { get; init; }

    /// <summary>Gets a value indicating whether an administrator has lifted it.</summary>
    public bool Lifted { get; init; }

    /// <summary>Gets a value indicating whether this says nothing of a content, and only how far the epoch has come.</summary>
    [JsonIgnore]
    public bool IsFloor => Tenant.Length == 0;

    public static Recall FloorAt(long epoch) => new() { Epoch = epoch, Tenant = "", Hash = default, Lifted = true };

    public bool Stands(DateTimeOffset now) => !Lifted && (Permanent || Until > now);

    /// <summary>Makes one of two states of a content that servers reached apart; the same one, whichever came first.</summary>
    /// <param name="one">A state.</param>
    /// <param name="other">A state of the same content.</param>
    /// <param name="quorum">How many reporters recall a content for good.</param>
    public static Recall Join(Recall one, Recall other, int quorum)
    {
        // Of a recall and its lifting at the same moment, the recall stays: it costs scans. The rest only makes both orders give the same.
        (Recall older, Recall newer) = Rank(one).CompareTo(Rank(other)) <= 0 ? (one, other) : (other, one);
        if (older.Lifted || newer.Lifted || !older.Stands(newer.Changed))
        {
            return newer;
        }

        ImmutableArray<uint> reporters = [.. older.Reporters.Union(newer.Reporters).Order()];
        return newer with
        {
            Permanent = older.Permanent || newer.Permanent || IsQuorum(reporters, quorum),
            Until = older.Until > newer.Until ? older.Until : newer.Until,
            Reported = older.Reported < newer.Reported ? older.Reported : newer.Reported,
            Threat = new[] { older.Threat, newer.Threat }.Where(static threat => threat is not null).Min(StringComparer.Ordinal),
            Reporters = reporters,
        };
    }

    private static (DateTimeOffset Changed, bool Stands, DateTimeOffset Until, string Threat) Rank(Recall recall) => (recall.Changed, !recall.Lifted, recall.Until, recall.Threat ?? "");

    /// <summary>Tells whether reporters recall a content for good. Strangers suspend, together as well; what is recalled for good takes somebody who has a name.</summary>
    public static bool IsQuorum(ImmutableArray<uint> reporters, int quorum) => reporters.Count(static reporter => reporter != 0) >= quorum;

    /// <summary>Tells whether another state says the same of the content.</summary>
    public bool SaysTheSameAs(Recall other)
        => (Lifted, Permanent, Until, Changed, Threat) == (other.Lifted, other.Permanent, other.Until, other.Changed, other.Threat) && Reporters.ToHashSet().SetEquals(other.Reporters);

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
