using System.Threading.Channels;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>Votes on their way to the server: collected, sent in batches in the background, and dropped oldest first when there are too many. Safe for concurrent use.</summary>
/// <remarks>Whoever holds the gate sends. A vote that was refused or did not arrive is gone: another scan will give it. Only a server that has too much to do is asked again.</remarks>
internal sealed class VoteQueue : IAsyncDisposable, IDisposable
{
    private const int MaxAttempts = 5;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    private readonly Func<ScopeName, Vote[], CancellationToken, Task<VoteAnswerFrame>> _send;
    private readonly IVoteOutcomes _outcomes;
    private readonly InsightCacheClientOptions _options;
    private readonly TimeProvider _time;
    private readonly Channel<QueuedVote> _queue;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _sending;

    /// <summary>What the server said last; only whoever holds the gate looks at it.</summary>
    private TimeSpan? _retryAfter;

    public VoteQueue(
        Func<ScopeName, Vote[], CancellationToken, Task<VoteAnswerFrame>> send, IVoteOutcomes outcomes, InsightCacheClientOptions options, TimeProvider time)
    {
        _send = send;
        _outcomes = outcomes;
        _options = options;
        _time = time;
        _queue = Channel.CreateBounded<QueuedVote>(
            new BoundedChannelOptions(options.MaxQueuedVotes) { FullMode = BoundedChannelFullMode.DropOldest },
            dropped => outcomes.Dropped(dropped.Scope, dropped.Vote));
    }

    private readonly record struct QueuedVote(ScopeName Scope, Vote Vote);

    /// <summary>Takes a vote; never waits.</summary>
    public void Add(ScopeName scope, Vote vote)
    {
        _queue.Writer.TryWrite(new QueuedVote(scope, vote));
        lock (_lock)
        {
            _sending ??= _stopping.IsCancellationRequested ? Task.CompletedTask : SendInBackgroundAsync();
            if (_queue.Reader.Count >= _options.VoteBatch)
            {
                _full.TrySetResult();
            }
        }
    }

    /// <summary>Sends everything that is in the queue.</summary>
    /// <exception cref="OperationCanceledException">The wait was ended; what was not sent is still in the queue.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (Take(out ScopeName scope) is { Length: > 0 } votes)
            {
                await SendAsync(scope, votes, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Stops sending, without a wait for what is on its way.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _stopping.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (_sending is { } sending)
        {
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Takes the next votes of one scope.</summary>
    private Vote[] Take(out ScopeName scope)
    {
        scope = default;
        List<Vote> votes = [];
        while (votes.Count < Routes.MaxBatch && _queue.Reader.TryPeek(out QueuedVote next) && (votes.Count == 0 || next.Scope == scope))
        {
            // What is there now need not be what was looked at: the oldest may have been dropped.
            if (_queue.Reader.TryRead(out next))
            {
                if (votes.Count > 0 && next.Scope != scope)
                {
                    _queue.Writer.TryWrite(next);
                    break;
                }

                scope = next.Scope;
                votes.Add(next.Vote);
            }
        }

        return [.. votes];
    }

    private async Task SendAsync(ScopeName scope, Vote[] votes, CancellationToken cancellationToken)
    {
        try
        {
            TimeSpan delay = FirstDelay;
            for (int attempt = 1; !await TrySendAsync(scope, votes, attempt, cancellationToken).ConfigureAwait(false); attempt++)
            {
                TimeSpan wait = Min(_retryAfter ?? delay, LongestDelay);
                delay *= 2;
                await Task.Delay(wait * (1 + Random.Shared.NextDouble()), _time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            foreach (Vote vote in votes)
            {
                _queue.Writer.TryWrite(new QueuedVote(scope, vote));
            }

            throw;
        }
    }

    /// <summary>Sends votes once.</summary>
    /// <returns><see langword="false"/> if the server has too much to do, and is to be asked again.</returns>
    private async Task<bool> TrySendAsync(ScopeName scope, Vote[] votes, int attempt, CancellationToken cancellationToken)
    {
        VoteAnswerFrame answer;
        try
        {
            answer = await _send(scope, votes, cancellationToken).ConfigureAwait(false);
        }
        catch (InsightCacheException e) when (e.Fault == InsightCacheFault.Busy && attempt < MaxAttempts)
        {
            _retryAfter = e.RetryAfter;
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            _outcomes.Lost(scope, votes, e);
            return true;
        }

        _outcomes.Arrived(scope, votes, answer);
        return true;
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private async Task SendInBackgroundAsync()
    {
        await Task.Yield();
        while (await _queue.Reader.WaitToReadAsync(_stopping.Token).ConfigureAwait(false))
        {
            try
            {
                await LingerAsync().ConfigureAwait(false);
                await FlushAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                // Such as a listener of metrics that throws. Nobody else sends what comes later, and what was taken from the queue is not in it again.
                _outcomes.Failed(e);
            }
        }
    }

    /// <summary>Waits for more votes, until there are enough or the first has waited long enough.</summary>
    private async Task LingerAsync()
    {
        Task full;
        lock (_lock)
        {
            if (_queue.Reader.Count >= _options.VoteBatch)
            {
                return;
            }

            _full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            full = _full.Task;
        }

        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        await Task.WhenAny(full, Task.Delay(_options.VoteLinger, _time, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
    }
}
