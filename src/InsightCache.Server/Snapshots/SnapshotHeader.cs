using System.Text.Json.Serialization;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What stands in front of the buckets of a snapshot.</summary>
internal sealed record SnapshotHeader
{
    public required DateTimeOffset Created { get; init; }

    /// <summary>Gets the number of the table's buckets.</summary>
    public required long Buckets { get; init; }

    /// <summary>Gets the number of entries that follow one by one, since the table is mostly empty; -1 if its buckets follow as they are.</summary>
    public required long Entries { get; init; }

    /// <summary>Gets a value indicating whether keys are not whole.</summary>
    public bool CompactKeys { get; init; }

    /// <summary>Gets the time from which the expiries are counted.</summary>
    public required DateTimeOffset HoursEpoch { get; init; }

    /// <summary>Gets the epoch of recalls when the first bucket was copied.</summary>
    public required long RecallEpoch { get; init; }

    /// <summary>Gets the salt of the key that seals the buckets.</summary>
    public required byte[] Salt { get; init; }

    public required IReadOnlyList<SnapshotLane> Lanes { get; init; }
}

/// <summary>A lane of a snapshot.</summary>
internal sealed record SnapshotLane(byte Index, string Tenant, string Engine, string Profile, IReadOnlyList<SnapshotGeneration> Generations)
{
    /// <summary>Gets when the current definitions were decided.</summary>
    public DateTimeOffset Decided { get; init; }

    /// <summary>Gets the definitions from which an administrator went back.</summary>
    public IReadOnlyList<SnapshotStamp> Withdrawn { get; init; } = [];
}

/// <summary>Definitions by their number and the 32 hexadecimal digits of half their digest.</summary>
internal sealed record SnapshotStamp(long Sequence, string Digest)
{
    public static SnapshotStamp Of(DefinitionsStamp stamp) => new(stamp.Sequence, stamp.Digest.ToString("x32", null));

    public DefinitionsStamp Restore() => new(Sequence, UInt128.Parse(Digest, System.Globalization.NumberStyles.AllowHexSpecifier, null));
}

/// <summary>A generation of a snapshot; the digest is its 32 hexadecimal digits.</summary>
internal sealed record SnapshotGeneration(byte Index, long Sequence, string Digest, string Version, DateTimeOffset? Published, DateTimeOffset Learnt)
{
    public static SnapshotGeneration Of(Generation generation) => new(
        generation.Index, generation.Stamp.Sequence, generation.Stamp.Digest.ToString("x32", null), generation.Version, generation.Published, generation.Learnt);

    public Generation Restore() => new(
        Index,
        new DefinitionsStamp(Sequence, UInt128.Parse(Digest, System.Globalization.NumberStyles.AllowHexSpecifier, null)),
        Version,
        Published,
        Learnt);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SnapshotHeader))]
internal sealed partial class SnapshotJson : JsonSerializerContext;
