using Refit;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>The readable side of the contract, for tools and administrators. Agents that scan use <see cref="InsightCacheClient"/>, which is a third of the bytes.</summary>
/// <remarks>An answer that is no success is thrown as <see cref="ApiException"/>, whose content is a problem of RFC 9457.</remarks>
public interface IInsightCacheApi
{
    /// <summary>Asks about contents.</summary>
    /// <param name="request">The contents, 1 to 4096.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The answers.</returns>
    [Post(Routes.Lookups)]
    Task<LookupResponse> LookupAsync([Body] LookupRequest request, CancellationToken cancellationToken = default);

    /// <summary>Tells verdicts.</summary>
    /// <param name="request">The votes, 1 to 4096.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What became of them.</returns>
    [Post(Routes.Votes)]
    Task<VoteResponse> VoteAsync([Body] VoteRequest request, CancellationToken cancellationToken = default);

    /// <summary>Tells what is known of one content in every lane.</summary>
    /// <param name="hash">The content.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What is known.</returns>
    [Get(Routes.File)]
    Task<FileDocument> GetFileAsync(ContentHash hash, CancellationToken cancellationToken = default);

    /// <summary>Lists lanes, their generations and what was reported.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The lanes.</returns>
    [Get(Routes.Definitions)]
    Task<IReadOnlyList<LaneDocument>> GetDefinitionsAsync(CancellationToken cancellationToken = default);

    /// <summary>Reports the definitions that a client scans with.</summary>
    /// <param name="definitions">The definitions.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What became of the report.</returns>
    [Post(Routes.Definitions)]
    Task<DefinitionsResponse> ReportDefinitionsAsync([Body] DefinitionsDocument definitions, CancellationToken cancellationToken = default);

    /// <summary>Sets the current definitions of a lane; for administrators.</summary>
    /// <param name="definitions">The definitions.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What became of them.</returns>
    [Put(Routes.Definitions)]
    Task<DefinitionsResponse> SetDefinitionsAsync([Body] DefinitionsDocument definitions, CancellationToken cancellationToken = default);

    /// <summary>Lists the recalls that stand.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The recalls.</returns>
    [Get(Routes.Recalls)]
    Task<IReadOnlyList<RecallDocument>> GetRecallsAsync(CancellationToken cancellationToken = default);

    /// <summary>Lists what was recalled after an epoch.</summary>
    /// <param name="since">The epoch that is known.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The changes.</returns>
    [Get(Routes.Recalls)]
    Task<RecallChanges> GetRecallsSinceAsync(long since, CancellationToken cancellationToken = default);

    /// <summary>Recalls a content for good; for administrators.</summary>
    /// <param name="request">The content.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The recall.</returns>
    [Post(Routes.Recalls)]
    Task<RecallDocument> RecallAsync([Body] RecallRequest request, CancellationToken cancellationToken = default);

    /// <summary>Names the clients that voted for a content or relied on it; for administrators.</summary>
    /// <param name="hash">The content.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The clients.</returns>
    [Get(Routes.Recall)]
    Task<RecallReport> GetRecallAsync(ContentHash hash, CancellationToken cancellationToken = default);

    /// <summary>Lifts a recall; for administrators.</summary>
    /// <param name="hash">The content.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is lifted.</returns>
    [Delete(Routes.Recall)]
    Task LiftRecallAsync(ContentHash hash, CancellationToken cancellationToken = default);

    /// <summary>Retracts everything that a client ever voted clean; for administrators.</summary>
    /// <param name="name">The client's name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What that did.</returns>
    [Delete(Routes.ClientVotes)]
    Task<RetractionDocument> RetractVotesAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Has the server write a snapshot now; for administrators.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is on the disk.</returns>
    [Post(Routes.Snapshot)]
    Task WriteSnapshotAsync(CancellationToken cancellationToken = default);

    /// <summary>Tells the server's figures. Servers may give them on another port than the rest.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The figures.</returns>
    [Get(Routes.Status)]
    Task<StatusDocument> GetStatusAsync(CancellationToken cancellationToken = default);
}
