using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>The end of the line: counts, reports, seals, and tells the exemptions, one result at a time.</summary>
internal sealed class ResultStage(
    ScanSessionOptions options,
    IReadOnlyList<IScanExemption> exemptions,
    VerdictScope scope,
    Twins twins,
    ScanCounters counters,
    TimeProvider time,
    ILogger logger,
    ScanMetrics? metrics)
{
    private const int QueueLength = 256;
    private const int TellBatch = 256;

    private readonly IScanReport[] _reports = [.. options.Reports, .. options.SealSinks];
    private readonly Channel<object> _queue = Channel.CreateBounded<object>(QueueLength);
    private readonly Ledger _ledger = new();
    private readonly List<ScanResult> _untold = [];
    private readonly long[] _verdicts = new long[Enum.GetValues<VerdictKind>().Length];
    private readonly List<ContentHash> _awaited = [];
    private volatile bool _isComplete;
    private long _contents;
    private long _bytes;
    private long _skipped;
    private long _problems;

    /// <summary>A result on its way to the reports.</summary>
    /// <param name="Result">The result.</param>
    /// <param name="Awaited">The hash whose twins wait for it.</param>
    private sealed record Decided(ScanResult Result, ContentHash? Awaited);

    public void Start(ScanRun run)
    {
        foreach (IScanReport report in _reports)
        {
            report.Start(run);
        }
    }

    /// <summary>Takes a content that is decided, and releases it.</summary>
    public void Add(ScanJob job, Disposition disposition, string by, string why, EngineVerdict? verdict)
    {
        ScanResult result = new()
        {
            Location = job.Location,
            OtherLocations = job.OtherLocations,
            Length = job.Length,
            StoredLength = job.StoredLength,
            Hash = job.Hash,
            Identity = job.Identity,
            OwnerIdentity = job.OwnerIdentity,
            Disposition = disposition,
            By = by,
            Why = why,
            Verdict = verdict?.Verdict,
            Definitions = verdict?.Definitions,
            WasRead = job.WasEverRead,
            Elapsed = job.Spent,
        };
        ContentHash? awaited = job.Awaited;
        job.Dispose();
        Put(new Decided(result, awaited));
    }

    /// <summary>Takes a problem. One of a content that is only released because the scan was ended has nobody left to tell.</summary>
    public void Add(ScanProblem problem)
    {
        try
        {
            Put(problem);
        }
        catch (ChannelClosedException) when (_isComplete)
        {
            // The summary says already that the scan was ended.
        }
    }

    /// <summary>Nothing more will come.</summary>
    public void Complete()
    {
        _isComplete = true;
        _queue.Writer.TryComplete();
    }

    /// <summary>Works until <see cref="Complete"/> was called and everything is taken down.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                while (_queue.Reader.TryRead(out object? item))
                {
                    Take(item);
                    if (_untold.Count >= TellBatch)
                    {
                        await TellAsync(token).ConfigureAwait(false);
                    }
                }

                await TellAsync(token).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            // Whoever waits to put a result must not wait for ever. Reports cannot be cancelled: one that says so has failed.
            Exception failure = UnaskedCancellation.Failure(e);
            _queue.Writer.TryComplete(failure);
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Ends the reports.</summary>
    public ScanSummary Finish(bool cancelled)
    {
        ScanSummary summary = new()
        {
            Contents = _contents,
            Bytes = _bytes,
            Infected = _verdicts[(int)VerdictKind.Infected],
            Incomplete = _verdicts[(int)VerdictKind.Incomplete],
            Failed = _verdicts[(int)VerdictKind.Failed],
            Skipped = _skipped,
            Problems = _problems,
            Ledger = _ledger.Lines,
            BytesSaved = _ledger.BytesSaved,
            TimeSaved = _ledger.TimeSaved,
            Elapsed = counters.Elapsed,
            Cancelled = cancelled,
        };
        foreach (IScanReport report in _reports)
        {
            report.Finish(summary);
        }

        return summary;
    }

    private void Put(object item)
    {
        if (!_queue.Writer.TryWrite(item))
        {
            _queue.Writer.WriteAsync(item, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }
    }

    private void Take(object item)
    {
        if (item is ScanProblem problem)
        {
            _problems++;
            counters.AddProblem();
            foreach (IScanReport report in _reports)
            {
                report.Add(problem);
            }

            return;
        }

        (ScanResult result, ContentHash? awaited) = (Decided)item;
        if (awaited is { } twin)
        {
            _awaited.Add(twin);
        }

        Count(result);
        foreach (IScanReport report in _reports)
        {
            report.Add(result);
        }

        if (exemptions.Count > 0 && result.Disposition == Disposition.Scanned)
        {
            _untold.Add(result);
        }
    }

    private void Count(ScanResult result)
    {
        _contents++;
        _bytes = ByteTotal.Add(_bytes, result.Length);
        if (result.Verdict is { } verdict)
        {
            _verdicts[(int)verdict.Kind]++;
        }
        else
        {
            _skipped++;
        }

        _ledger.Add(result);
        counters.Add(result);
        metrics?.Add(result);
    }

    private async Task TellAsync(CancellationToken token)
    {
        if (_untold.Count > 0 && !token.IsCancellationRequested)
        {
            await TellAsync([.. _untold], token).ConfigureAwait(false);
        }

        _untold.Clear();
        _awaited.ForEach(twins.Told);
        _awaited.Clear();
    }

    private async Task TellAsync(ScanResult[] results, CancellationToken token)
    {
        foreach (IScanExemption exemption in exemptions)
        {
            try
            {
                await TimeLimit.RunAsync(
                    async ending =>
                    {
                        await exemption.TellAsync(results, scope, ending).ConfigureAwait(false);
                        return true;
                    },
                    options.ExemptionTimeout,
                    time,
                    token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !token.IsCancellationRequested)
            {
                Log.ExemptionNotTold(logger, exemption.Name, results.Length, e);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
