namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>The server's figures; counts are since its start.</summary>
public sealed record StatusDocument
{
    /// <summary>Gets the product's version.</summary>
    public required string Version { get; init; }

    /// <summary>Gets when the server started.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>Gets the number of items in the cache, voted clean or not yet.</summary>
    public required long Items { get; init; }

    /// <summary>Gets the number of items that were voted clean.</summary>
    public required long ItemsVotedClean { get; init; }

    /// <summary>Gets the number of items that others must still vote for or are being scanned.</summary>
    public required long ItemsPending { get; init; }

    /// <summary>Gets the number of requests that asked.</summary>
    public required long CacheRequests { get; init; }

    /// <summary>Gets the number of requests that voted.</summary>
    public required long UpdateRequests { get; init; }

    /// <summary>Gets the number of contents that were asked for.</summary>
    public required long Lookups { get; init; }

    /// <summary>Gets the number of them that were clean.</summary>
    public required long Hits { get; init; }

    /// <summary>Gets the number of leases that were given.</summary>
    public required long Leases { get; init; }

    /// <summary>Gets the number of contents that a client was asked to wait for.</summary>
    public required long Waits { get; init; }

    /// <summary>Gets the number of votes.</summary>
    public required long Votes { get; init; }

    /// <summary>Gets the number of recalls that stand.</summary>
    public required long Recalls { get; init; }

    /// <summary>Gets the epoch of recalls.</summary>
    public required long RecallEpoch { get; init; }

    /// <summary>Gets the number of verdicts that made room for others.</summary>
    public required long Evictions { get; init; }

    /// <summary>Gets the bytes that verdicts, votes and leases take.</summary>
    public required long MemoryUsed { get; init; }

    /// <summary>Gets the bytes that they may take.</summary>
    public required long MemoryLimit { get; init; }

    /// <summary>Gets the number of verdicts that there is room for.</summary>
    public required long Capacity { get; init; }

    /// <summary>Gets the number of clients that are known.</summary>
    public required long Clients { get; init; }

    /// <summary>Gets when the last snapshot was written; <see langword="null"/> if none was.</summary>
    public DateTimeOffset? LastSnapshot { get; init; }

    /// <summary>Gets how far the shared log is behind; <see langword="null"/> where there is none.</summary>
    public double? ReplicationLagSeconds { get; init; }

    /// <summary>Gets the lanes.</summary>
    public required IReadOnlyList<LaneDocument> Lanes { get; init; }
}
