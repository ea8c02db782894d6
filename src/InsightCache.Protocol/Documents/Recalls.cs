using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>A content that must not be skipped, whatever was voted.</summary>
public sealed record RecallDocument
{
    /// <summary>Gets the content.</summary>
    public required ContentHash Hash { get; init; }

    /// <summary>Gets a value indicating whether the recall stands until an administrator lifts it; otherwise it is a suspension that ends by itself.</summary>
    public required bool Permanent { get; init; }

    /// <summary>Gets when a suspension ends.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Gets the name of the threat, if one was given.</summary>
    public string? Threat { get; init; }

    /// <summary>Gets when the first report came.</summary>
    public required DateTimeOffset Reported { get; init; }

    /// <summary>Gets how many clients reported it.</summary>
    public required int Reports { get; init; }

    /// <summary>Gets the epoch of the recall's last change.</summary>
    public required long Epoch { get; init; }
}

/// <summary>The recalls that changed after an epoch.</summary>
public sealed record RecallChanges
{
    /// <summary>Gets the epoch that a client knows when it has taken these changes.</summary>
    public required long Epoch { get; init; }

    /// <summary>Gets a value indicating whether these are all changes; otherwise a client forgets everything that it remembers, and knows the epoch.</summary>
    public required bool Complete { get; init; }

    /// <summary>Gets the contents that were recalled after the epoch asked for.</summary>
    public required IReadOnlyList<ContentHash> Recalled { get; init; }
}

/// <summary>Has an administrator recall a content.</summary>
/// <param name="Hash">The content.</param>
/// <param name="Threat">The name of the threat, if it has one.</param>
public sealed record RecallRequest(ContentHash Hash, string? Threat = null);

/// <summary>A recall, with the clients that it concerns.</summary>
public sealed record RecallReport
{
    /// <summary>Gets the recall; <see langword="null"/> if there is none.</summary>
    public RecallDocument? Recall { get; init; }

    /// <summary>Gets the clients that voted the content clean.</summary>
    public required IReadOnlyList<ClientMention> Voters { get; init; }

    /// <summary>Gets the clients that were told to skip the content.</summary>
    public required IReadOnlyList<ClientMention> Relied { get; init; }

    /// <summary>Gets since when the log tells everything; clients that relied on the content before are not named.</summary>
    public required DateTimeOffset CompleteSince { get; init; }
}

/// <summary>A client, and when the log first and last mentions it.</summary>
/// <param name="Client">The client's name.</param>
/// <param name="First">When first.</param>
/// <param name="Last">When last.</param>
/// <param name="Times">How often.</param>
public sealed record ClientMention(string Client, DateTimeOffset First, DateTimeOffset Last, long Times);

/// <summary>What a retraction did.</summary>
/// <param name="Client">The client.</param>
/// <param name="Contents">How many contents lost their verdict.</param>
/// <param name="CompleteSince">Since when the log tells everything; older verdicts were all dropped.</param>
public sealed record RetractionDocument(string Client, long Contents, DateTimeOffset CompleteSince);

/// <summary>What an import did.</summary>
/// <param name="Signer">The first 16 digits of the SHA-256 of the public key that fits the signature; retract the votes of <c>bundle SIGNER</c> to take the import back.</param>
/// <param name="Created">When the bundle was made.</param>
/// <param name="Imported">How many verdicts were taken over.</param>
/// <param name="Skipped">How many were not: expired, recalled here, or of definitions that are not the current ones here.</param>
public sealed record ImportDocument(string Signer, DateTimeOffset Created, long Imported, long Skipped);
