using System.Text.Json.Serialization;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What stands in front of the verdicts of a bundle.</summary>
internal sealed record BundleHeader
{
    public required DateTimeOffset Created { get; init; }

    /// <summary>Gets the lanes whose verdicts follow, with the definitions under which they were voted.</summary>
    public required IReadOnlyList<BundleLane> Lanes { get; init; }
}

/// <summary>A lane of a bundle, with its current definitions; the digest is the 32 hexadecimal digits of its first half.</summary>
internal sealed record BundleLane(string Engine, string Profile, string Version, long Sequence, string Digest);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BundleHeader))]
internal sealed partial class BundleJson : JsonSerializerContext;
