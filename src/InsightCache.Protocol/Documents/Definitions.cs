using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>Definitions of a lane, as a client or an administrator reports them.</summary>
public sealed record DefinitionsDocument
{
    /// <summary>Gets the engine's name.</summary>
    public required string Engine { get; init; }

    /// <summary>Gets the digest of the scan options; empty where there are none.</summary>
    public string Profile { get => field ?? ""; init; } = "";

    /// <summary>Gets the version as people know it.</summary>
    public required string Version { get; init; }

    /// <summary>Gets the number of the definitions, from 0 on.</summary>
    public required long Sequence { get; init; }

    /// <summary>Gets when they were published, if that is known.</summary>
    public DateTimeOffset? Published { get; init; }

    /// <summary>Gets the hash over what they find.</summary>
    public required ContentHash Digest { get; init; }

    /// <summary>Makes the document of a scope's definitions.</summary>
    /// <param name="scope">The scope.</param>
    /// <returns>The document.</returns>
    public static DefinitionsDocument Of(VerdictScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return new DefinitionsDocument
        {
            Engine = scope.Engine,
            Profile = scope.Profile.Digest,
            Version = scope.Definitions.Version,
            Sequence = scope.Definitions.Sequence,
            Published = scope.Definitions.Published,
            Digest = scope.Definitions.Digest,
        };
    }
}

/// <summary>What became of a report of definitions.</summary>
public enum DefinitionsReport
{
    /// <summary>They are the lane's current ones, from now on or since before.</summary>
    Current,

    /// <summary>They are older than the current ones; the lane still keeps their verdicts.</summary>
    Older,

    /// <summary>They are newer than the current ones, and others must report them too before they count.</summary>
    Noted,

    /// <summary>They are refused: too old to be kept, published in the future, or reported by somebody whose word does not count.</summary>
    Refused,
}

/// <summary>Answers a report of definitions.</summary>
/// <param name="Report">What became of it.</param>
/// <param name="Sequence">The number of the lane's current definitions; 0 if none are known.</param>
/// <param name="Why">A sentence for a refusal.</param>
public sealed record DefinitionsResponse(DefinitionsReport Report, long Sequence, string? Why = null);

/// <summary>A lane and its generations.</summary>
public sealed record LaneDocument
{
    /// <summary>Gets the tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>Gets the engine's name.</summary>
    public required string Engine { get; init; }

    /// <summary>Gets the digest of the scan options.</summary>
    public required string Profile { get; init; }

    /// <summary>Gets the generations that are kept, the current one first.</summary>
    public required IReadOnlyList<GenerationDocument> Generations { get; init; }

    /// <summary>Gets the definitions that were reported and do not count yet.</summary>
    public required IReadOnlyList<CandidateDocument> Candidates { get; init; }
}

/// <summary>A generation: definitions whose verdicts are kept.</summary>
/// <param name="Version">The version as people know it.</param>
/// <param name="Sequence">The number.</param>
/// <param name="Digest">The first half of the digest, as 32 hexadecimal digits.</param>
/// <param name="Published">When they were published, if that is known.</param>
/// <param name="Learnt">When the server learnt of them.</param>
public sealed record GenerationDocument(string Version, long Sequence, string Digest, DateTimeOffset? Published, DateTimeOffset Learnt);

/// <summary>Definitions that were reported and do not count yet.</summary>
/// <param name="Version">The version as people know it.</param>
/// <param name="Sequence">The number.</param>
/// <param name="Reports">How many clients reported them.</param>
/// <param name="Needed">How many must.</param>
public sealed record CandidateDocument(string Version, long Sequence, int Reports, int Needed);
