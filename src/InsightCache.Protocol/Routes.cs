namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>The addresses and names of version 1 of the contract.</summary>
public static class Routes
{
    /// <summary>Asks about contents: <c>POST</c>, a <see cref="LookupFrame"/> or a <see cref="LookupRequest"/>.</summary>
    public const string Lookups = "/v1/lookups";

    /// <summary>Tells verdicts: <c>POST</c>, a <see cref="VoteFrame"/> or a <see cref="VoteRequest"/>.</summary>
    public const string Votes = "/v1/votes";

    /// <summary>One content: <c>GET</c> asks what is known of it in every lane.</summary>
    public const string File = "/v1/files/{hash}";

    /// <summary>Definitions: <c>GET</c> lists lanes and generations, <c>POST</c> reports what a client scans with, <c>PUT</c> has an administrator set them.</summary>
    public const string Definitions = "/v1/definitions";

    /// <summary>Recalls: <c>GET ?since=</c> lists changes after an epoch, <c>POST</c> has an administrator recall a content for good.</summary>
    public const string Recalls = "/v1/recalls";

    /// <summary>One recall: <c>GET</c> names the clients that voted for or relied on the content, <c>DELETE</c> lifts it.</summary>
    public const string Recall = "/v1/recalls/{hash}";

    /// <summary>Everything that a client ever voted: <c>DELETE</c> has an administrator retract it.</summary>
    public const string ClientVotes = "/v1/clients/{name}/votes";

    /// <summary>Verdicts as a signed file for a site without a network: <c>GET</c> exports, <c>POST</c> imports.</summary>
    public const string Bundle = "/v1/bundle";

    /// <summary>A snapshot to disk now: <c>POST</c>, for administrators.</summary>
    public const string Snapshot = "/v1/snapshot";

    /// <summary>The server's figures.</summary>
    public const string Status = "/v1/status";

    /// <summary>The media type of the frames.</summary>
    public const string FrameMediaType = "application/vnd.insightcache.frame.v1";

    /// <summary>The header of every answer that carries the epoch of recalls: a client that knows an older one fetches the changes before it believes its own memory.</summary>
    public const string RecallEpochHeader = "IC-Recall-Epoch";

    /// <summary>The header with which a client presents an API key.</summary>
    public const string ApiKeyHeader = "IC-Api-Key";

    /// <summary>
    /// The header by which machines that share credentials are told apart, for leases only: a client writes a name of its own making there, up to 64 characters. Votes know no such name.
    /// </summary>
    public const string ClientHeader = "IC-Client";

    /// <summary>The most contents in one request.</summary>
    public const int MaxBatch = 4096;
}
