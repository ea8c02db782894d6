using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>Asks about contents.</summary>
public sealed record LookupRequest
{
    /// <summary>Gets within what the verdicts must hold.</summary>
    public required ScopeDocument Scope { get; init; }

    /// <summary>Gets a value indicating whether the client scans what nobody knows or scans, so that others wait for it.</summary>
    public bool Leases { get; init; }

    /// <summary>Gets the contents, 1 to 4096.</summary>
    public required IReadOnlyList<ContentHash> Hashes { get; init; }
}

/// <summary>Answers a lookup.</summary>
public sealed record LookupResponse
{
    /// <summary>Gets what the server thinks of the client's definitions.</summary>
    public required DefinitionsStanding Standing { get; init; }

    /// <summary>Gets the number of the lane's current definitions; 0 if none are known.</summary>
    public required long Sequence { get; init; }

    /// <summary>Gets a number that grows with each recall.</summary>
    public required long RecallEpoch { get; init; }

    /// <summary>Gets after how many milliseconds the waiting contents are to be asked for again.</summary>
    public required int ComeBackMilliseconds { get; init; }

    /// <summary>Gets the answers, in the order asked.</summary>
    public required IReadOnlyList<LookupAnswer> Answers { get; init; }
}

/// <summary>What is known of one content.</summary>
public sealed record FileDocument
{
    /// <summary>Gets the content.</summary>
    public required ContentHash Hash { get; init; }

    /// <summary>Gets the recall of the content, if there is one.</summary>
    public RecallDocument? Recall { get; init; }

    /// <summary>Gets the lanes in which it was voted clean under definitions that still count.</summary>
    public required IReadOnlyList<FileInLane> Clean { get; init; }
}

/// <summary>A lane in which a content is clean.</summary>
/// <param name="Engine">The engine's name.</param>
/// <param name="Profile">The digest of the scan options.</param>
/// <param name="Sequence">The number of the newest definitions under which it was voted clean.</param>
/// <param name="Current">Whether these are the current ones.</param>
public sealed record FileInLane(string Engine, string Profile, long Sequence, bool Current);
