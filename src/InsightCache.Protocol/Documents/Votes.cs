using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>Tells verdicts.</summary>
public sealed record VoteRequest
{
    /// <summary>Gets within what the verdicts hold: the client's own definitions, always stated.</summary>
    public required ScopeDocument Scope { get; init; }

    /// <summary>Gets the votes, 1 to 4096.</summary>
    public required IReadOnlyList<VoteDocument> Votes { get; init; }
}

/// <summary>One content's vote.</summary>
public sealed record VoteDocument
{
    /// <summary>Gets the content.</summary>
    public required ContentHash Hash { get; init; }

    /// <summary>Gets what became of it.</summary>
    public required VoteVerdict Verdict { get; init; }

    /// <summary>Gets the name of the threat, if one was found.</summary>
    public string? Threat { get; init; }
}

/// <summary>What became of the votes of a request.</summary>
public sealed record VoteResponse
{
    /// <summary>Gets what the server thinks of the client's definitions.</summary>
    public required DefinitionsStanding Standing { get; init; }

    /// <summary>Gets how many contents are clean now, or were already.</summary>
    public required int Accepted { get; init; }

    /// <summary>Gets how many votes were counted while others are still needed.</summary>
    public required int Pending { get; init; }

    /// <summary>Gets how many votes this client had given before.</summary>
    public required int Duplicate { get; init; }

    /// <summary>Gets how many votes were given with definitions that are not the current ones.</summary>
    public required int Stale { get; init; }

    /// <summary>Gets how many votes the client may not give, are about recalled contents, or were too many reports.</summary>
    public required int Rejected { get; init; }

    /// <summary>Gets how many infected reports were taken and leases given back.</summary>
    public required int Taken { get; init; }

    /// <summary>Gets a number that grows with each recall.</summary>
    public required long RecallEpoch { get; init; }
}
