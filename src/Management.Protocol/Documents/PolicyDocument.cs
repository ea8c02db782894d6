using System.Text.Json;
using System.Text.Json.Serialization;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Protocol;

/// <summary>Everything that a manager tells a client to do. An unmanaged client reads the same document from a file. Immutable.</summary>
public sealed record PolicyDocument
{
    /// <summary>The version of the document that this library reads and writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Initializes a new instance of the <see cref="PolicyDocument"/> class; what is left out has its default value.</summary>
    /// <param name="version">The version of the document's form.</param>
    /// <param name="name">The policy's name, for people.</param>
    /// <param name="scan">What scans may skip, and their limits.</param>
    /// <param name="schedules">The scans that the client runs by itself.</param>
    /// <param name="heartbeatSeconds">How often a heartbeat is sent.</param>
    [JsonConstructor]
    public PolicyDocument(
        int version = CurrentVersion, string? name = null, ScanPolicy? scan = null, IReadOnlyList<ScanSchedule>? schedules = null, int heartbeatSeconds = DefaultHeartbeatSeconds)
    {
        Version = version;
        Name = name ?? "";
        Scan = scan ?? new ScanPolicy();
        Schedules = schedules ?? [];
        HeartbeatSeconds = heartbeatSeconds;
    }

    /// <summary>How often a heartbeat is sent unless a policy says otherwise: every 60 seconds.</summary>
    public const int DefaultHeartbeatSeconds = 60;

    /// <summary>Gets the version of the document's form.</summary>
    /// <value>The default value is 1.</value>
    public int Version { get; init; }

    /// <summary>Gets the policy's name, for people.</summary>
    public string Name { get; init; }

    /// <summary>Gets what scans may skip, and their limits.</summary>
    public ScanPolicy Scan { get; init; }

    /// <summary>Gets the scans that the client runs by itself.</summary>
    public IReadOnlyList<ScanSchedule> Schedules { get; init; }

    /// <summary>Gets how often a heartbeat is sent, in seconds.</summary>
    /// <value>The default value is 60.</value>
    public int HeartbeatSeconds { get; init; }

    /// <summary>Reads a policy from JSON.</summary>
    /// <param name="utf8Json">The document.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="JsonException">The text is no policy; the message names the member and what is allowed.</exception>
    public static PolicyDocument Parse(ReadOnlySpan<byte> utf8Json)
    {
        Rules.Require(utf8Json.Length <= WireLimits.MaxPolicyLength, "policy", $"{utf8Json.Length} bytes are more than {WireLimits.MaxPolicyLength}");
        PolicyDocument policy = JsonSerializer.Deserialize(utf8Json, PolicyJson.Default.PolicyDocument) ?? throw new JsonException("The policy is null.");
        policy.Validate();
        return policy;
    }

    /// <summary>Writes the policy as JSON.</summary>
    /// <returns>The document.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PolicyJson.Default.PolicyDocument);

    /// <summary>Checks every member.</summary>
    /// <exception cref="JsonException">A member is not as it must be; the message names it.</exception>
    public void Validate()
    {
        Rules.Require(Version == CurrentVersion, "version", $"{Version} is not {CurrentVersion}, the only version that is known here");
        Rules.Text(Name, WireLimits.MaxText, mayBeEmpty: true);
        Rules.Require(HeartbeatSeconds is >= 5 and <= 86_400, "heartbeatSeconds", $"{HeartbeatSeconds} is not from 5 to 86,400");
        try
        {
            _ = ScanPolicy.Parse(Scan.ToJson());
        }
        catch (JsonException e)
        {
            throw new JsonException($"scan.{e.Message}", e);
        }

        Rules.Count(Schedules, WireLimits.MaxSchedules);
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < Schedules.Count; i++)
        {
            Schedules[i].Validate($"schedules[{i}]");
            Rules.Require(names.Add(Schedules[i].Name), $"schedules[{i}].name", "each schedule needs a name of its own");
        }
    }

    /// <summary>Tells whether two policies say the same.</summary>
    /// <param name="other">The other policy.</param>
    /// <returns><see langword="true"/> if every member has the same value.</returns>
    public bool Equals(PolicyDocument? other)
        => other is not null && (Version, Name, HeartbeatSeconds) == (other.Version, other.Name, other.HeartbeatSeconds) && Scan == other.Scan && Schedules.SequenceEqual(other.Schedules);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Version, Name, HeartbeatSeconds, Scan, Schedules.Count);
}

/// <summary>How a policy is written: camel case, unknown members refused, since a misspelt switch must not be a switch that is off.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(WordConverter<ScanTrigger>), typeof(WordConverter<DayOfWeek>)],
    WriteIndented = true)]
[JsonSerializable(typeof(PolicyDocument))]
internal sealed partial class PolicyJson : JsonSerializerContext;
