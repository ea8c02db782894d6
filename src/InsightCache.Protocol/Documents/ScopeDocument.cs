using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>Within what verdicts are asked for or told.</summary>
public sealed record ScopeDocument
{
    /// <summary>Gets the engine's name.</summary>
    public required string Engine { get; init; }

    /// <summary>Gets the digest of the scan options that can change a verdict; empty where there are none.</summary>
    public string Profile { get => field ?? ""; init; } = "";

    /// <summary>Gets the number of the definitions; <see langword="null"/>, in a lookup only, for those that the server holds for current.</summary>
    public long? Sequence { get; init; }

    /// <summary>Gets the digest of the definitions; stated whenever the number is.</summary>
    public ContentHash? Digest { get; init; }

    /// <summary>Makes the document of a scope.</summary>
    /// <param name="scope">The scope.</param>
    /// <returns>The document.</returns>
    public static ScopeDocument Of(VerdictScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return new ScopeDocument
        {
            Engine = scope.Engine,
            Profile = scope.Profile.Digest,
            Sequence = scope.Definitions.Sequence,
            Digest = scope.Definitions.Digest,
        };
    }
}
