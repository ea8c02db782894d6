using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Hashes and scans contents on one thread.</summary>
internal sealed class ScanWorker(
    IScanEngine engine,
    ScanSessionOptions options,
    bool needHash,
    bool needFreshHash,
    ResultStage results,
    ScanCounters counters,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    private readonly ContentHasher _hasher = new();
    private readonly SessionMemo _memo = new(options.HashMemo, logger);

    public void Dispose() => _hasher.Dispose();

    /// <summary>Hashes the contents of a queue and passes them on.</summary>
    public void HashAll(ChannelReader<ScanJob> from, ChannelWriter<ScanJob> to, CancellationToken token)
    {
        foreach (ScanJob job in Queues.ReadAll(from, token))
        {
            bool isSettled = Settle(
                job,
                () =>
                {
                    HashToAsk(job, token);
                    return null;
                },
                token);
            if (!isSettled)
            {
                Queues.Write(to, job, token);
            }
        }
    }

    /// <summary>Scans the contents of a queue, and hashes those that are not yet and need to be.</summary>
    public void ScanAll(ChannelReader<ScanJob> from, CancellationToken token)
    {
        foreach (ScanJob job in Queues.ReadAll(from, token))
        {
            Settle(job, () => Scan(job, token), token);
        }
    }

    /// <summary>Works on a content. One that cannot be read, or that an engine fails on, is a result like any other: it must not end the scan.
    /// An engine that was cancelled by somebody else, as by a time-out of its own, has failed as well.</summary>
    /// <returns><see langword="true"/> if the content is decided.</returns>
    private bool Settle(ScanJob job, Func<EngineVerdict?> work, CancellationToken token)
    {
        long start = time.GetTimestamp();
        EngineVerdict? verdict;
        counters.Start(job);
        try
        {
            verdict = work();
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            job.Dispose();
            throw;
        }
        catch (ScanLimitException e)
        {
            verdict = new EngineVerdict(Verdict.Incomplete(e.Message), engine.Definitions);
        }
        catch (Exception e)
        {
            if (e is not (IOException or UnauthorizedAccessException))
            {
                Log.EngineFailed(logger, engine.Name, PrintableText.Escape(job.Location), e);
            }

            verdict = new EngineVerdict(Verdict.FailedBy(e), engine.Definitions);
        }
        finally
        {
            counters.Stop(job);
        }

        job.Spent += time.GetElapsedTime(start);
        if (verdict is { } decided)
        {
            results.Add(job, Disposition.Scanned, engine.Name, why: "", decided);
        }

        return verdict is not null;
    }

    /// <summary>Finds the hash to ask about: of an unchanged file the one that is remembered, of any other its own.</summary>
    private void HashToAsk(ScanJob job, CancellationToken token)
    {
        if (!needFreshHash && _memo.Find(job.Identity) is { } known)
        {
            job.Hash = known;
        }
        else
        {
            Hash(job, token);
        }
    }

    private void Hash(ScanJob job, CancellationToken token)
    {
        job.Hash = null;
        if (job.Length > options.Policy.Limits.MaxHashedLength)
        {
            job.WhyNotHashed = $"it has more than the {options.Policy.Limits.MaxHashedLength:N0} bytes that are hashed of one file (maxHashedLength)";
            return;
        }

        try
        {
            job.KeepIfSmall();
            job.Hash = _hasher.Hash(job, token);
            job.WasRead = true;
            job.WasEverRead = true;
        }
        catch (ScanLimitException e)
        {
            // What is stored may still be scanned: a bound must not hide a threat.
            job.WhyNotHashed = e.Message;
            return;
        }

        if (job.IsSettled && !job.HasMoved())
        {
            _memo.Remember(job.Identity, job.Hash.Value);
        }
    }

    /// <summary>Scans a content whose hash, where one is needed, is of the bytes that the engine sees.</summary>
    private EngineVerdict Scan(ScanJob job, CancellationToken token)
    {
        // A remembered hash was good enough to ask whether to skip; beside a verdict it would vouch for bytes that nobody has read.
        if (needHash && !job.WasRead && job.WhyNotHashed is null)
        {
            Hash(job, token);
        }

        job.WasEverRead = true;
        EngineVerdict answer = engine.Scan(job, job.WasRead ? job.Hash : null, token);
        if (job.HasMoved())
        {
            // Somebody wrote to the file: the engine may have seen other bytes than the hasher.
            job.Hash = null;
        }

        return answer.Verdict.Kind == VerdictKind.Clean && job.WhyNotHashed is { } why
            ? answer with { Verdict = Verdict.Incomplete($"nothing was found, but its hash is not known: {why}") }
            : answer;
    }
}
