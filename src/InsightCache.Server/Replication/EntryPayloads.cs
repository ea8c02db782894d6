using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Whose votes an entry has, and in which scope. Names go over the wire, since the numbers of clients are each server's own.</summary>
/// <param name="Tenant">The client's tenant.</param>
/// <param name="Client">The client; empty for a stranger.</param>
/// <param name="IsTrusted">Whether its word alone is enough.</param>
/// <param name="Lane">The lane.</param>
/// <param name="Sequence">The number of the definitions.</param>
/// <param name="Digest">Half of their digest, as 32 hexadecimal digits.</param>
internal sealed record SharedVotes(string Tenant, string Client, bool IsTrusted, ulong Lane, long Sequence, string Digest)
{
    /// <summary>Writes the votes: the length of the JSON (4 bytes), the JSON, and 32 bytes for each content.</summary>
    public byte[] Write(ReadOnlySpan<byte> keys)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(this, EntryJson.Default.SharedVotes);
        byte[] payload = new byte[sizeof(int) + json.Length + keys.Length];
        BinaryPrimitives.WriteInt32LittleEndian(payload, json.Length);
        json.CopyTo(payload, sizeof(int));
        keys.CopyTo(payload.AsSpan(sizeof(int) + json.Length));
        return payload;
    }

    /// <exception cref="JsonException">They are no votes.</exception>
    public static SharedVotes Read(ReadOnlyMemory<byte> payload, out ReadOnlyMemory<byte> keys)
    {
        int length = payload.Length >= sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(payload.Span) : -1;
        if (length < 0 || length > payload.Length - sizeof(int))
        {
            throw new JsonException($"Votes of {payload.Length} bytes state {length} bytes of JSON.");
        }

        keys = payload[(sizeof(int) + length)..];
        int count = keys.Length / ContentHash.Size;
        return keys.Length % ContentHash.Size == 0 && count is >= 1 and <= Routes.MaxBatch
            ? JsonSerializer.Deserialize(payload.Span.Slice(sizeof(int), length), EntryJson.Default.SharedVotes) ?? throw new JsonException("Votes are null.")
            : throw new JsonException($"Votes have {keys.Length} bytes of contents.");
    }
}

/// <summary>A <see cref="Recall"/> with the names of its reporters; a stranger's is empty.</summary>
internal sealed record SharedRecall
{
    public required string Tenant { get; init; }

    public required ContentHash Hash { get; init; }

    public bool Permanent { get; init; }

    public DateTimeOffset Until { get; init; }

    public string? Threat { get; init; }

    public DateTimeOffset Reported { get; init; }

    public ImmutableArray<string> Reporters { get => field.IsDefault ? [] : field; init; } = [];

    public DateTimeOffset Changed { get; init; }

    public bool Lifted { get; init; }

    /// <summary>Gets the name of the record that keeps it.</summary>
    [JsonIgnore]
    public string Name => $"recall:{Tenant}:{Hash}";

    public static SharedRecall Of(Recall recall, ClientRegistry clients) => new()
    {
        Tenant = recall.Tenant,
        Hash = recall.Hash,
        Permanent = recall.Permanent,
        Until = recall.Until,
        Threat = recall.Threat,
        Reported = recall.Reported,
        Reporters = [.. recall.Reporters.Select(reporter => reporter == 0 ? "" : clients.NameOf(reporter))],
        Changed = recall.Changed,
        Lifted = recall.Lifted,
    };

    public Recall ToRecall(ClientRegistry clients) => new()
    {
        Epoch = 0,
        Tenant = Tenant,
        Hash = Hash,
        Permanent = Permanent,
        Until = Until,
        Threat = Threat,
        Reported = Reported,
        Reporters = [.. Reporters.Select(name => name.Length == 0 ? 0 : clients.IdOf(Tenant, name)).Distinct().Order()],
        Changed = Changed,
        Lifted = Lifted,
    };
}

/// <summary>Definitions that count from a moment on.</summary>
internal sealed record SharedDefinitions(string Tenant, DefinitionsDocument Definitions, DateTimeOffset Decided)
{
    /// <summary>Gets the name of the record that keeps them.</summary>
    [JsonIgnore]
    public string Name => NameOf(Tenant, LaneId.Of(Definitions.Engine, Definitions.Profile));

    public static string NameOf(string tenant, LaneId lane) => $"definitions:{tenant}:{lane}";
}

/// <summary>A client's word on its definitions.</summary>
internal sealed record SharedReport(string Tenant, string Client, DefinitionsDocument Definitions);

/// <summary>Until when a client's votes are retracted.</summary>
internal sealed record SharedRetraction(string Tenant, string Client, DateTimeOffset Until)
{
    /// <summary>Gets the name of the record that keeps it.</summary>
    [JsonIgnore]
    public string Name => $"retraction:{Tenant}\t{Client}";
}

/// <summary>How payloads are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SharedVotes))]
[JsonSerializable(typeof(SharedRecall))]
[JsonSerializable(typeof(SharedDefinitions))]
[JsonSerializable(typeof(SharedReport))]
[JsonSerializable(typeof(SharedRetraction))]
internal sealed partial class EntryJson : JsonSerializerContext;
