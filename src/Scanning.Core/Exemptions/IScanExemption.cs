namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Knows of contents that need no scan: sealed with a base image, or voted clean by others.</summary>
/// <remarks>
/// Implementations are safe for concurrent use. One that is slow, fails or is unsure costs scans and never lets anything through: the session scans
/// whatever it gets no certain answer for. It waits as long as <see cref="ScanSessionOptions.ExemptionTimeout"/> says, so every method must return its task
/// soon and not block. A session passes the same <see cref="VerdictScope"/> object with every call and no other session passes that object, so that sessions of equal scopes
/// can be told apart.
/// </remarks>
public interface IScanExemption
{
    /// <summary>Gets the name that the ledger keeps for a skipped file.</summary>
    string Name { get; }

    /// <summary>Gets what the exemption needs to know of a content before it can answer.</summary>
    ExemptionStage Stage { get; }

    /// <summary>Gets how many questions are worth one batch: as long as <see cref="Linger"/> lasts, a session collects up to so many before it asks.</summary>
    /// <value>By default 1: questions are asked as they come, with whatever else has come by then.</value>
    int PreferredBatch => 1;

    /// <summary>Gets how long the first question of a batch may wait for others.</summary>
    /// <value>By default not at all.</value>
    TimeSpan Linger => TimeSpan.Zero;

    /// <summary>Gets a value indicating whether the hashes that it is asked about must be of bytes that were read now, and not remembered of an unchanged file.</summary>
    /// <value>By default <see langword="false"/>.</value>
    bool NeedsFreshHash => false;

    /// <summary>Tells whether the policy lets this exemption serve a scan.</summary>
    /// <param name="policy">The policy in force.</param>
    /// <param name="trigger">Why the scan runs.</param>
    /// <returns><see langword="false"/> if it must not be asked.</returns>
    bool Serves(ScanPolicy policy, ScanTrigger trigger);

    /// <summary>Answers for a batch of contents.</summary>
    /// <param name="questions">The contents, at least one.</param>
    /// <param name="scope">Within what a remembered verdict must hold.</param>
    /// <param name="cancellationToken">Ends the wait for answers.</param>
    /// <returns>One answer for each question, in their order.</returns>
    ValueTask<IReadOnlyList<ExemptionAnswer>> AskAsync(
        IReadOnlyList<ExemptionQuestion> questions, VerdictScope scope, CancellationToken cancellationToken);

    /// <summary>Is told how scanned contents turned out.</summary>
    /// <param name="results">The results of contents that an engine scanned. A verdict holds under the definitions that the result names, which may be newer than the scope's.</param>
    /// <param name="scope">The scope in which the contents were asked about.</param>
    /// <param name="cancellationToken">Ends the telling.</param>
    /// <returns>A task that ends when the results are taken.</returns>
    ValueTask TellAsync(IReadOnlyList<ScanResult> results, VerdictScope scope, CancellationToken cancellationToken);

    /// <summary>Is told that a scan is over, or was ended: nothing more of it will be told. What was promised to be scanned and was not is given back, and what is held back is sent.</summary>
    /// <param name="scope">The scope of the scan.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when nothing of the scan is held any longer.</returns>
    ValueTask EndAsync(VerdictScope scope, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}

/// <summary>When an exemption is asked.</summary>
public enum ExemptionStage
{
    /// <summary>Before the content is read: the file's identity and its marks are enough.</summary>
    Identity,

    /// <summary>After the content was hashed.</summary>
    Content,
}
