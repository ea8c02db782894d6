using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>One scan: the stages of a session and the queues between them.</summary>
/// <remarks>
/// Sources and engines read synchronously, so they run on threads of the scan's own and do not starve the thread pool of a server that hosts it.
/// A queue that is full holds up the stage in front of it. When a stage fails, all others are ended and its exception is the scan's.
/// </remarks>
internal sealed class ScanPipeline
{
    private const int QueuePerWorker = 8;

    private readonly IScanEngine _engine;
    private readonly ScanSessionOptions _options;
    private readonly VerdictScope _scope;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ResultStage _results;
    private readonly Channel<ScanJob> _arrived;
    private readonly Channel<ScanJob> _toHash;
    private readonly Channel<ScanJob> _hashed;
    private readonly Channel<ScanJob> _toScan;
    private readonly List<IScanExemption> _exemptions;
    private readonly Twins _twins;
    private readonly bool _needHash;
    private readonly bool _needFreshHash;
    private readonly ScanCounters _counters;

    public ScanPipeline(
        IScanEngine engine, ScanSessionOptions options, VerdictScope scope, TimeProvider time, ILogger logger, ScanMetrics? metrics)
    {
        _engine = engine;
        _options = options;
        _scope = scope;
        _time = time;
        _logger = logger;
        _exemptions = [.. options.Exemptions.Where(exemption => exemption.Serves(options.Policy, options.Trigger))];
        _counters = new ScanCounters(time);
        _twins = new Twins();
        _results = new ResultStage(options, _exemptions, scope, _twins, _counters, time, logger, metrics);
        _needHash = options.HashContents || options.SealSinks.Count > 0 || HasStage(ExemptionStage.Content);
        _needFreshHash = _exemptions.Exists(static exemption => exemption.NeedsFreshHash);

        // Where nobody is asked, two queues are one.
        _arrived = Queue();
        _toHash = HasStage(ExemptionStage.Identity) ? Queue() : _arrived;
        _hashed = Queue();
        _toScan = Queue();
    }

    public async Task<ScanSummary> RunAsync(ScanRun run, IReadOnlyList<IScanSource> sources, CancellationToken cancellationToken)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CancellationToken token = ending.Token;
        _results.Start(run);
        using ProgressReporter progress = new(_options, _counters, sources, _time, _logger);
        List<Task> stages = [OnOwnThread(() => Enumerate(sources, token), [_arrived], token)];
        if (HasStage(ExemptionStage.Identity))
        {
            stages.Add(Ending(Asking(ExemptionStage.Identity, _arrived, _toHash).RunAsync(token), [_toHash], token));
        }

        if (HasStage(ExemptionStage.Content))
        {
            stages.AddRange(OnOwnThreads(worker => worker.HashAll(_toHash.Reader, _hashed.Writer, token), [_hashed], token));
            stages.Add(Ending(Asking(ExemptionStage.Content, _hashed, _toScan).RunAsync(token), [_toScan], token));
            stages.AddRange(OnOwnThreads(worker => worker.ScanAll(_toScan.Reader, token), [], token));
        }
        else
        {
            stages.AddRange(OnOwnThreads(worker => worker.ScanAll(_toHash.Reader, token), [], token));
        }

        Task results = _results.RunAsync(token);
        try
        {
            await EndTogetherAsync(stages, results, ending).ConfigureAwait(false);
        }
        finally
        {
            Drain();
            await EndExemptionsAsync().ConfigureAwait(false);
        }

        progress.Finish();
        return _results.Finish(cancellationToken.IsCancellationRequested);
    }

    /// <summary>Waits for all stages; the first failure ends the others, and is thrown once they have ended.</summary>
    private async Task EndTogetherAsync(List<Task> stages, Task results, CancellationTokenSource ending)
    {
        List<Task> running = [.. stages, results];
        Exception? failure = null;
        while (running.Count > 0)
        {
            Task ended = await Task.WhenAny(running).ConfigureAwait(false);
            running.Remove(ended);
            if (ended.IsFaulted && failure is null)
            {
                failure = ended.Exception.InnerException;
                await ending.CancelAsync().ConfigureAwait(false);
            }

            if (running.TrueForAll(task => task == results))
            {
                _results.Complete();
            }
        }

        if (failure is not null)
        {
            // A result that could not be put says only that the stage behind it had failed, and why.
            ExceptionDispatchInfo.Throw(failure is ChannelClosedException { InnerException: { } cause } ? cause : failure);
        }
    }

    /// <summary>Has the exemptions give back what they hold for this scan; one that was cancelled holds something as well.</summary>
    private async Task EndExemptionsAsync()
    {
        foreach (IScanExemption exemption in _exemptions)
        {
            try
            {
                await TimeLimit.RunAsync(
                    async ending =>
                    {
                        await exemption.EndAsync(_scope, ending).ConfigureAwait(false);
                        return true;
                    },
                    _options.ExemptionTimeout,
                    _time,
                    CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                Log.ExemptionNotEnded(_logger, exemption.Name, e);
            }
        }
    }

    /// <summary>Lists the contents and, behind each, its named streams.</summary>
    private void Enumerate(IReadOnlyList<IScanSource> sources, CancellationToken token)
    {
        foreach (IScanSource source in sources)
        {
            HoleBudget holes = new(_options.Policy.Limits);
            try
            {
                foreach (ScanContent content in source.Enumerate(_results.Add, token))
                {
                    ArriveWithStreams(content, holes, token);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException || (e is OperationCanceledException && !token.IsCancellationRequested))
            {
                // One source that ends early is a problem, and the others are still to be scanned. So is one that gave up by itself, as a
                // network does by a time-out of its own: nobody has ended the scan.
                _results.Add(new ScanProblem(source.Name, e.Message));
            }
        }
    }

    private void ArriveWithStreams(ScanContent content, HoleBudget holes, CancellationToken token)
    {
        Queue<ScanContent> arriving = new([content, .. StreamsOf(content)]);
        try
        {
            while (arriving.TryDequeue(out ScanContent? next))
            {
                Arrive(next, holes, token);
            }
        }
        finally
        {
            // Empty, unless the scan was ended meanwhile.
            while (arriving.TryDequeue(out ScanContent? left))
            {
                left.Dispose();
            }
        }
    }

    private void Arrive(ScanContent content, HoleBudget holes, CancellationToken token)
    {
        ScanJob job = new(content, holes);
        try
        {
            job.Look(_time.GetUtcNow());
        }
        catch (Exception e) when (e is not OperationCanceledException || !token.IsCancellationRequested)
        {
            _results.Add(job, Disposition.Unscannable, by: "source", why: "", new EngineVerdict(Verdict.FailedBy(e), _scope.Definitions));
            return;
        }

        if (job.Unscannable is { } why)
        {
            _results.Add(job, Disposition.Unscannable, by: "source", why: "", new EngineVerdict(Verdict.Incomplete(why), _scope.Definitions));
            return;
        }

        Queues.Write(_arrived.Writer, job, token);
    }

    /// <summary>Gets the named streams of a content; where they cannot be told, that is a problem and no end of the listing.</summary>
    private IReadOnlyList<ScanContent> StreamsOf(ScanContent content)
    {
        try
        {
            return content.Streams;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _results.Add(new ScanProblem(content.Location, e.Message));
            return [];
        }
    }

    private bool HasStage(ExemptionStage stage) => _exemptions.Exists(exemption => exemption.Stage == stage);

    private AskStage Asking(ExemptionStage stage, Channel<ScanJob> from, Channel<ScanJob> to)
        => new([.. _exemptions.Where(exemption => exemption.Stage == stage)], _scope, from.Reader, to.Writer, _results, stage == ExemptionStage.Content ? _twins : null, _options.ExemptionTimeout, _time, _logger);

    private Channel<ScanJob> Queue() => Channel.CreateBounded<ScanJob>(QueuePerWorker * _options.MaxConcurrency);

    /// <summary>Starts the threads of a stage; each is watched on its own, since the others may wait for ever for one that is gone.</summary>
    private Task[] OnOwnThreads(Action<ScanWorker> work, Channel<ScanJob>[] feeds, CancellationToken token)
    {
        Task[] threads =
        [
            .. Enumerable.Range(0, _options.MaxConcurrency).Select(_ => OnOwnThread(
                () =>
                {
                    using ScanWorker worker = new(_engine, _options, _needHash, _needFreshHash, _results, _counters, _time, _logger);
                    work(worker);
                },
                feeds: [],
                token)),
        ];
        return [.. threads, Ending(Task.WhenAll(threads), feeds, token)];
    }

    private static Task OnOwnThread(Action work, Channel<ScanJob>[] feeds, CancellationToken token) => Ending(
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default), feeds, token);

    /// <summary>Closes the queues that a stage feeds, whichever way it ends. Being cancelled is no failure, but only if somebody has cancelled the scan.</summary>
    private static async Task Ending(Task stage, Channel<ScanJob>[] feeds, CancellationToken token)
    {
        try
        {
            await stage.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // Whoever cancelled knows.
        }
        catch (OperationCanceledException e)
        {
            throw UnaskedCancellation.Failure(e);
        }
        finally
        {
            Array.ForEach(feeds, static feed => feed.Writer.TryComplete());
        }
    }

    /// <summary>Releases what was waiting when the scan was ended.</summary>
    private void Drain()
    {
        _twins.Drain();
        foreach (Channel<ScanJob> queue in new[] { _arrived, _toHash, _hashed, _toScan })
        {
            while (queue.Reader.TryRead(out ScanJob? job))
            {
                job.Dispose();
            }
        }
    }
}
