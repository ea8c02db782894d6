using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Asks the exemptions of one stage, in batches, and passes on what is to be scanned.</summary>
/// <remarks>Whatever goes wrong with an exemption, its questions count as answered with "scan".</remarks>
internal sealed class AskStage(
    IReadOnlyList<IScanExemption> exemptions,
    VerdictScope scope,
    ChannelReader<ScanJob> from,
    ChannelWriter<ScanJob> to,
    ResultStage results,
    Twins? twins,
    TimeSpan timeout,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>Contents of a batch hold files open.</summary>
    private const int MaxBatch = 256;

    /// <summary>Contents that wait for someone else hold files open; more than these are scanned at once.</summary>
    private const int MaxDeferred = 1024;

    /// <summary>Someone else may never finish.</summary>
    private const int MaxDeferrals = 16;

    private static readonly TimeSpan LongestDeferral = TimeSpan.FromMinutes(10);

    private readonly PriorityQueue<ScanJob, DateTimeOffset> _deferred = new();
    private readonly int _preferredBatch = Math.Clamp(exemptions.Max(static exemption => exemption.PreferredBatch), 1, MaxBatch);
    private readonly TimeSpan _linger = exemptions.Max(static exemption => exemption.Linger);

    public async Task RunAsync(CancellationToken token)
    {
        Queue<ScanJob> batch = new();
        try
        {
            while ((batch = new(await NextBatchAsync(token).ConfigureAwait(false))).Count > 0)
            {
                batch = new(await DecideAsync([.. batch], token).ConfigureAwait(false));
                while (batch.TryPeek(out ScanJob? job))
                {
                    await to.WriteAsync(job, token).ConfigureAwait(false);
                    batch.Dequeue();
                }
            }
        }
        catch
        {
            // Only what nobody else works on by now.
            foreach (ScanJob job in batch)
            {
                job.Dispose();
            }

            throw;
        }
        finally
        {
            while (_deferred.TryDequeue(out ScanJob? job, out _))
            {
                job.Dispose();
            }
        }
    }

    /// <summary>Collects what has arrived and what is due again; waits if there is nothing, and a little for others once there is something. Empty at the end.</summary>
    private async Task<List<ScanJob>> NextBatchAsync(CancellationToken token)
    {
        List<ScanJob> batch = [];
        try
        {
            Collect(batch);
            while (batch.Count == 0 && await WaitAsync(token).ConfigureAwait(false))
            {
                Collect(batch);
            }

            await LingerAsync(batch, token).ConfigureAwait(false);
            return batch;
        }
        catch
        {
            batch.ForEach(static job => job.Dispose());
            throw;
        }
    }

    /// <summary>Waits for a batch that is worth asking about.</summary>
    private async Task LingerAsync(List<ScanJob> batch, CancellationToken token)
    {
        if (batch.Count == 0 || batch.Count >= _preferredBatch || _linger <= TimeSpan.Zero)
        {
            return;
        }

        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(token);
        Task over = Task.Delay(_linger, time, done.Token);
        bool more = true;
        while (more && batch.Count < _preferredBatch && !over.IsCompleted)
        {
            Task<bool> arrival = from.WaitToReadAsync(done.Token).AsTask();
            more = await Task.WhenAny(arrival, over).ConfigureAwait(false) == arrival && await arrival.ConfigureAwait(false);
            Collect(batch);
        }

        await done.CancelAsync().ConfigureAwait(false);
        token.ThrowIfCancellationRequested();
    }

    /// <summary>Adds what has arrived and what is due again.</summary>
    private void Collect(List<ScanJob> batch)
    {
        while (batch.Count < MaxBatch && _deferred.TryPeek(out _, out DateTimeOffset due) && due <= time.GetUtcNow())
        {
            batch.Add(_deferred.Dequeue());
        }

        while (batch.Count < MaxBatch && twins?.TakeReady() is { } ready)
        {
            batch.Add(ready);
        }

        while (batch.Count < MaxBatch && from.TryRead(out ScanJob? job))
        {
            batch.Add(job);
        }
    }

    /// <summary>Waits for the next content to arrive or to be due; <see langword="false"/> if neither will come.</summary>
    private async Task<bool> WaitAsync(CancellationToken token)
    {
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(token);
        Task<bool> arrival = from.WaitToReadAsync(done.Token).AsTask();
        List<Task> others = [];
        if (_deferred.TryPeek(out _, out DateTimeOffset due))
        {
            TimeSpan wait = due - time.GetUtcNow();
            others.Add(Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time, done.Token));
        }

        if (twins is { Waiting: > 0 })
        {
            others.Add(twins.Ready.WaitToReadAsync(done.Token).AsTask());
        }

        Task first = await Task.WhenAny([arrival, .. others]).ConfigureAwait(false);
        await first.ConfigureAwait(false);
        if (first == arrival && !arrival.Result)
        {
            // A queue that is closed answers at once, and then only the others are left to wait for.
            if (others.Count == 0)
            {
                return false;
            }

            await (await Task.WhenAny(others).ConfigureAwait(false)).ConfigureAwait(false);
        }

        await done.CancelAsync().ConfigureAwait(false);
        return true;
    }

    /// <summary>Asks about a batch; returns what is to be scanned.</summary>
    private async Task<List<ScanJob>> DecideAsync(List<ScanJob> batch, CancellationToken token)
    {
        List<ScanJob> open = batch;
        List<(ScanJob Job, DateTimeOffset Until)> putOff = [];
        foreach (IScanExemption exemption in exemptions)
        {
            if (open.Count == 0)
            {
                break;
            }

            IReadOnlyList<ExemptionAnswer> answers = await AskAsync(exemption, open, token).ConfigureAwait(false);
            List<ScanJob> undecided = [];
            for (int i = 0; i < open.Count; i++)
            {
                if (!Settle(open[i], answers[i], exemption, putOff))
                {
                    undecided.Add(open[i]);
                }
            }

            open = undecided;
        }

        open.ForEach(job => twins?.Scan(job));
        putOff.ForEach(PutOff);
        return open;
    }

    private async Task<IReadOnlyList<ExemptionAnswer>> AskAsync(IScanExemption exemption, List<ScanJob> jobs, CancellationToken token)
    {
        ExemptionQuestion[] questions = [.. jobs.Select(static job => new ExemptionQuestion(job, job.Hash))];
        try
        {
            IReadOnlyList<ExemptionAnswer> answers = await TimeLimit.RunAsync(
                ending => exemption.AskAsync(questions, scope, ending), timeout, time, token).ConfigureAwait(false);
            if (answers.Count == questions.Length)
            {
                // A list of somebody else's making may fail when it is read.
                return [.. Enumerable.Range(0, questions.Length).Select(i => answers[i])];
            }

            Log.ExemptionAnsweredWrongly(logger, exemption.Name, answers.Count, questions.Length);
        }
        catch (Exception e) when (e is not OperationCanceledException || !token.IsCancellationRequested)
        {
            Log.ExemptionFailed(logger, exemption.Name, questions.Length, e);
        }

        return new ExemptionAnswer[questions.Length];
    }

    /// <summary>Acts on an answer; <see langword="false"/> if the content is still to be scanned.</summary>
    private bool Settle(ScanJob job, ExemptionAnswer answer, IScanExemption exemption, List<(ScanJob Job, DateTimeOffset Until)> putOff)
    {
        switch (answer.Kind)
        {
            case ExemptionKind.Skip:
                results.Add(job, Disposition.Skipped, exemption.Name, answer.Why, verdict: null);
                return true;
            case ExemptionKind.Defer when job.Deferrals < MaxDeferrals && _deferred.Count + putOff.Count + (twins?.Waiting ?? 0) < MaxDeferred:
                putOff.Add((job, answer.Until));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Has a content wait: for its twin in this session if there is one, else until somebody else may be through.</summary>
    private void PutOff((ScanJob Job, DateTimeOffset Until) item)
    {
        (ScanJob job, DateTimeOffset until) = item;
        job.Deferrals++;
        job.PutAway();
        if (twins?.TryWait(job) is not true)
        {
            DateTimeOffset latest = time.GetUtcNow() + LongestDeferral;
            _deferred.Enqueue(job, until < latest ? until : latest);
        }
    }
}
