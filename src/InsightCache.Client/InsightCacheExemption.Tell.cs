using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <content>Votes for what a session has scanned.</content>
public sealed partial class InsightCacheExemption
{
    private int _voteFault = -1;

    /// <inheritdoc/>
    public ValueTask TellAsync(IReadOnlyList<ScanResult> results, VerdictScope scope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(scope);
        ScopeName asked = ScopeName.Of(scope);
        foreach (ScanResult result in results)
        {
            // What changed while it was scanned has no hash; its lease is given back at the end of the scan.
            if (result is { Disposition: Disposition.Scanned, Hash: { } hash })
            {
                _cost.Scanned(result.Length, result.Elapsed);
                Tell(result, hash, asked);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask EndAsync(VerdictScope scope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ScopeName name = ScopeName.Of(scope);
        foreach (ContentHash hash in _inHand.End(scope))
        {
            _votes.Add(name, new Vote(hash, VoteVerdict.Released));
        }

        using CancellationTokenSource over = new(_options.EndTimeout, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            await _votes.FlushAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Log.EndDidNotWait(_logger);
        }
    }

    /// <summary>Votes for a content as its verdict and the definitions of its verdict say, in the lane in which it was asked about.</summary>
    private void Tell(ScanResult result, ContentHash hash, ScopeName asked)
    {
        ContentsInHand.State state = _inHand.Tell(hash, asked);
        ScopeName scanned = result.Definitions is { } definitions ? asked with { Definitions = DefinitionsStamp.Of(definitions) } : asked;
        switch (result.Verdict)
        {
            case { Kind: VerdictKind.Infected, Detail: var threat }:
                _votes.Add(scanned, new Vote(hash, VoteVerdict.Infected));
                if (state == ContentsInHand.State.Audited)
                {
                    Log.AuditDisagreed(_logger, hash.ToString(), PrintableText.Escape(threat));
                }

                break;
            case { Kind: VerdictKind.Clean } when result.Definitions is not null:
                _votes.Add(scanned, new Vote(hash, VoteVerdict.Clean));
                break;
            default:
                scanned = asked with { Definitions = default };
                break;
        }

        if (state != ContentsInHand.State.None && scanned != asked)
        {
            _votes.Add(asked, new Vote(hash, VoteVerdict.Released));
        }
    }

    /// <summary>Hears what became of votes.</summary>
    private sealed class Outcomes(InsightCacheExemption exemption) : IVoteOutcomes
    {
        public void Arrived(ScopeName scope, Vote[] votes, VoteAnswerFrame answer)
        {
            LetGo(scope, votes);
            exemption._metrics?.Voted(answer);
            Interlocked.Exchange(ref exemption._voteFault, -1);
            exemption._remembered.Observe(answer.RecallEpoch);
            if (answer is { Rejected: 0, Stale: 0 })
            {
                // A content that is recalled would have been rejected: what was scanned here need not be scanned here again.
                exemption._remembered.Add(
                    [.. votes.Where(static vote => vote.Verdict == VoteVerdict.Clean).Select(static vote => vote.Hash)], scope, answer.RecallEpoch);
            }
        }

        public void Lost(ScopeName scope, Vote[] votes, Exception why)
        {
            LetGo(scope, votes);
            if (why is not InsightCacheException { Fault: var fault })
            {
                Failed(why);
            }
            else
            {
                if (fault == InsightCacheFault.EpochWentBack)
                {
                    // The next lookup is compared with the new epoch and does not tell it again.
                    exemption._remembered.Forget();
                    Log.EverythingForgotten(exemption._logger);
                }

                if (Interlocked.Exchange(ref exemption._voteFault, (int)fault) != (int)fault)
                {
                    Log.VotesLost(exemption._logger, votes.Length, fault, why.Message);
                }
            }

            exemption._metrics?.Voted("lost", votes.Length);
        }

        public void Failed(Exception why) => Log.SendingFailed(exemption._logger, why);

        public void Dropped(ScopeName scope, Vote vote)
        {
            exemption._inHand.LetGo(vote.Hash, scope);
            exemption._metrics?.Voted("dropped", 1);
        }

        /// <summary>First of all that is done about votes: whatever fails after that, nobody waits for them any longer.</summary>
        private void LetGo(ScopeName scope, Vote[] votes)
        {
            foreach (Vote vote in votes)
            {
                exemption._inHand.LetGo(vote.Hash, scope);
            }
        }
    }
}
