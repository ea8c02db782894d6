using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <content>Answers what a session asks.</content>
public sealed partial class InsightCacheExemption
{
    /// <summary>Machines that wait for the same scan do not come back in one moment.</summary>
    private const double ComeBackSpread = 0.25;

    private readonly RequestRules _lookupRules;
    private int _lookupFault = -1;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ExemptionAnswer>> AskAsync(
        IReadOnlyList<ExemptionQuestion> questions, VerdictScope scope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(questions);
        ArgumentNullException.ThrowIfNull(scope);
        QuestionBatch batch = new(questions, scope);
        AnswerFromMemory(batch);
        if (batch.Open.Count > 0 && await LookupAsync(batch, cancellationToken).ConfigureAwait(false) is { } found)
        {
            for (int i = 0; i < questions.Count; i++)
            {
                if (batch.Places[i] >= 0)
                {
                    Answer(batch, i, found);
                }
            }
        }

        batch.Record(_metrics);
        return batch.Answers;
    }

    /// <summary>Answers what can be answered here, and collects what the server is to be asked about.</summary>
    private void AnswerFromMemory(QuestionBatch batch)
    {
        Dictionary<ContentHash, int> places = new(batch.Questions.Count);
        bool askAll = !_options.ScanWhatIsCheaper || _cost.BeginBatch();
        for (int i = 0; i < batch.Questions.Count; i++)
        {
            batch.Places[i] = -1;
            if (batch.Questions[i].Hash is not { } hash)
            {
                continue;
            }

            if (places.TryGetValue(hash, out int place))
            {
                batch.Places[i] = place;
                batch.IsRepeated[i] = true;
            }
            else if (_inHand.Holds(hash, batch.Name))
            {
                Defer(batch, i, _options.VoteLinger);
            }
            else if (_remembered.IsClean(hash, batch.Name))
            {
                SkipOrAudit(batch, i, hash);
            }
            else if (!askAll && _cost.IsCheaperToScan(batch.Questions[i].Content.Length))
            {
                batch.Cheap++;
            }
            else
            {
                batch.Places[i] = batch.Open.Count;
                places.Add(hash, batch.Open.Count);
                batch.Open.Add(hash);
            }
        }
    }

    /// <summary>Asks the server.</summary>
    /// <returns><see langword="null"/> if there is no answer to rely on.</returns>
    private async ValueTask<LookupAnswers?> LookupAsync(QuestionBatch batch, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        ContentHash[] hashes = [.. batch.Open];
        LookupAnswers found;
        try
        {
            found = await _client.LookupAsync(batch.Name, hashes, wantsLeases: true, _lookupRules, cancellationToken).ConfigureAwait(false);
        }
        catch (InsightCacheException e)
        {
            _metrics?.FellBack(e.Fault, hashes.Length);
            Note(e);
            return null;
        }

        TimeSpan took = _time.GetElapsedTime(start);
        _cost.Asked(batch.Open.Count + batch.Cheap, took);
        _metrics?.Answered(took);
        if (Interlocked.Exchange(ref _lookupFault, -1) >= 0)
        {
            Log.LookupsWork(_logger);
        }

        TakeIn(hashes, batch.Scope, found);
        await CatchUpAsync(found, batch.Scope, _options.LatencyBudget - took, cancellationToken).ConfigureAwait(false);
        _remembered.Add([.. hashes.Where((_, i) => found[i] == LookupAnswer.Clean)], batch.Name, found.RecallEpoch);
        return found;
    }

    /// <summary>What nobody knows or scans is now scanned here, and others wait for it. Under definitions that are not the current ones, nothing is lent.</summary>
    private void TakeIn(ContentHash[] hashes, VerdictScope scope, LookupAnswers found)
    {
        for (int i = 0; i < hashes.Length && found.Standing == DefinitionsStanding.Current; i++)
        {
            if (found[i] == LookupAnswer.Scan)
            {
                _inHand.Take(hashes[i], scope, ContentsInHand.State.Leased);
            }
        }
    }

    /// <summary>Within what is left of the budget, learns what was recalled and reports definitions that the server does not know.</summary>
    private async ValueTask CatchUpAsync(LookupAnswers found, VerdictScope scope, TimeSpan left, CancellationToken cancellationToken)
    {
        if (left <= TimeSpan.Zero)
        {
            // The next answer tells the same.
            _remembered.Observe(found.RecallEpoch);
            return;
        }

        RequestRules rules = new(left, RequestRules.MaxDocument, MayRepeat: false);
        try
        {
            if (_remembered.Observe(found.RecallEpoch) is { } since)
            {
                RecallChanges changes = await _client.RecallsSinceAsync(since, rules, cancellationToken).ConfigureAwait(false);
                _remembered.Apply(since, changes);
                if (changes.Complete)
                {
                    Log.ContentsRecalled(_logger, changes.Recalled.Count);
                }
                else
                {
                    Log.EverythingForgotten(_logger);
                }
            }

            if (found.Standing == DefinitionsStanding.Unknown && _reports.IsDue(ScopeName.Of(scope)))
            {
                DefinitionsResponse response = await _client.ReportDefinitionsAsync(scope, rules, cancellationToken).ConfigureAwait(false);
                Log.DefinitionsReported(_logger, scope.Definitions.Version, scope.Engine, response.Report.ToString());
            }
        }
        catch (InsightCacheException e)
        {
            Note(e);
        }
    }

    private void Answer(QuestionBatch batch, int index, LookupAnswers found)
    {
        ContentHash hash = batch.Open[batch.Places[index]];
        switch (found[batch.Places[index]])
        {
            case LookupAnswer.Clean:
                SkipOrAudit(batch, index, hash);
                break;
            case LookupAnswer.Wait:
                Defer(batch, index, found.ComeBack);
                break;
            default:
                if (batch.IsRepeated[index] && _inHand.Holds(hash, batch.Name))
                {
                    // Its first copy is scanned.
                    Defer(batch, index, _options.VoteLinger);
                }

                break;
        }
    }

    private void SkipOrAudit(QuestionBatch batch, int index, ContentHash hash)
    {
        if (Random.Shared.NextDouble() < _options.AuditShare)
        {
            _inHand.Take(hash, batch.Scope, ContentsInHand.State.Audited);
            batch.Audit();
        }
        else
        {
            batch.Skip(index);
        }
    }

    private void Defer(QuestionBatch batch, int index, TimeSpan comeBack)
        => batch.Defer(index, _time.GetUtcNow() + (comeBack * (1 + (ComeBackSpread * Random.Shared.NextDouble()))));

    /// <summary>Logs a fault once, and not with every batch. Where recalls may have been lost, nothing that is remembered is worth anything.</summary>
    private void Note(InsightCacheException e)
    {
        if (e.Fault == InsightCacheFault.EpochWentBack)
        {
            _remembered.Forget();
            Log.EverythingForgotten(_logger);
        }

        if (Interlocked.Exchange(ref _lookupFault, (int)e.Fault) != (int)e.Fault)
        {
            Log.LookupsFail(_logger, e.Fault, e.Message);
        }
    }
}
