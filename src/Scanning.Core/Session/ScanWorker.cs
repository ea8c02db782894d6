using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Hashes and scans contents on one thread.</summary>
internal sealed class ScanWorker(
    IScanEngine engine, ScanSessionOptions options, bool needHash, ResultStage results, ScanCounters counters, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly ContentHasher _hasher = new();

    public void Dispose() => _hasher.Dispose();

    /// <summary>Hashes the contents of a queue and passes them on.</summary>
    public void HashAll(ChannelReader<ScanJob> from, ChannelWriter<ScanJob> to, CancellationToken token)
    {
        foreach (ScanJob job in Queues.ReadAll(from, token))
        {
            if (!Settle(job, () => Hash(job, token), token))
            {
                Queues.Write(to, job, token);
            }
        }
    }

    /// <summary>Scans the contents of a queue.</summary>
    public void ScanAll(ChannelReader<ScanJob> from, CancellationToken token)
    {
        foreach (ScanJob job in Queues.ReadAll(from, token))
        {
            Settle(job, () => Scan(job, token), token);
        }
    }

    /// <summary>Hashes, where that is needed, and scans the contents of a queue.</summary>
    public void HashAndScanAll(ChannelReader<ScanJob> from, CancellationToken token)
    {
        foreach (ScanJob job in Queues.ReadAll(from, token))
        {
            Settle(job, () => Hash(job, token) ?? Scan(job, token), token);
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

            verdict = new EngineVerdict(Verdict.Failed(e.Message.Length > 0 ? e.Message : e.GetType().Name), engine.Definitions);
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

    private EngineVerdict? Hash(ScanJob job, CancellationToken token)
    {
        if (!needHash)
        {
            return null;
        }

        if (job.Length > options.Policy.Limits.MaxHashedLength)
        {
            job.WhyNotHashed = $"it has more than the {options.Policy.Limits.MaxHashedLength:N0} bytes that are hashed of one file (maxHashedLength)";
            return null;
        }

        if (options.HashMemo is { } memo && job.Identity is { } identity && memo.TryGet(identity, out ContentHash known))
        {
            job.Hash = known;
            return null;
        }

        job.KeepIfSmall();
        ContentHash hash;
        try
        {
            hash = _hasher.Hash(job, token);
        }
        catch (ScanLimitException e)
        {
            // What is stored may still be scanned: a bound must not hide a threat.
            job.WhyNotHashed = e.Message;
            return null;
        }

        (job.Hash, job.WasRead) = (hash, true);
        if (job.Identity is { } read)
        {
            options.HashMemo?.Remember(read, hash);
        }

        return null;
    }

    private EngineVerdict? Scan(ScanJob job, CancellationToken token)
    {
        EngineVerdict answer = engine.Scan(job, job.WasRead ? job.Hash : null, token);
        return answer.Verdict.Kind == VerdictKind.Clean && job.WhyNotHashed is { } why
            ? answer with { Verdict = Verdict.Incomplete($"nothing was found, but its hash is not known: {why}") }
            : answer;
    }
}
