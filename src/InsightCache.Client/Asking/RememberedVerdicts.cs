using BitFaster.Caching.Lru;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>What this process has heard to be clean, so that it need not ask again. Bounded. Safe for concurrent use.</summary>
/// <remarks>
/// Nothing is told from here unless the server has said a short while ago at which epoch recalls stand, and every recall up to that epoch has been heeded. A verdict is
/// taken in only at the epoch that is known: an answer that was overtaken by a recall must not bring back what the recall took away.
/// </remarks>
internal sealed class RememberedVerdicts(int capacity, TimeSpan rememberedFor, TimeSpan recallsKnownFor, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly ConcurrentLru<ContentHash, (ScopeName Scope, long Since)> _verdicts = new(capacity);
    private long _epoch = -1;
    private long _newest = -1;
    private long _confirmed;

    /// <summary>Tells whether a content is known to be clean.</summary>
    public bool IsClean(ContentHash hash, ScopeName scope)
    {
        lock (_lock)
        {
            return _epoch >= 0
                && _epoch == _newest
                && time.GetElapsedTime(_confirmed) <= recallsKnownFor
                && _verdicts.TryGet(hash, out (ScopeName Scope, long Since) verdict)
                && verdict.Scope == scope
                && time.GetElapsedTime(verdict.Since) <= rememberedFor;
        }
    }

    /// <summary>Remembers contents that were clean at an epoch.</summary>
    public void Add(IReadOnlyList<ContentHash> clean, ScopeName scope, long epoch)
    {
        lock (_lock)
        {
            if (epoch != _epoch)
            {
                return;
            }

            long now = time.GetTimestamp();
            foreach (ContentHash hash in clean)
            {
                _verdicts.AddOrUpdate(hash, (scope, now));
            }
        }
    }

    /// <summary>Takes note of the epoch at which the server stands.</summary>
    /// <returns>The epoch since which recalls must be asked for; <see langword="null"/> if all are known.</returns>
    public long? Observe(long epoch)
    {
        lock (_lock)
        {
            _newest = Math.Max(_newest, epoch);
            _epoch = _epoch < 0 ? _newest : _epoch;
            if (epoch == _epoch)
            {
                _confirmed = time.GetTimestamp();
            }

            return _epoch < _newest ? _epoch : null;
        }
    }

    /// <summary>Heeds recalls.</summary>
    public void Apply(long since, RecallChanges changes)
    {
        lock (_lock)
        {
            if (!changes.Complete || since > _epoch)
            {
                _verdicts.Clear();
            }
            else
            {
                foreach (ContentHash hash in changes.Recalled)
                {
                    _verdicts.TryRemove(hash);
                }
            }

            _epoch = Math.Max(_epoch, changes.Epoch);
            _newest = Math.Max(_newest, _epoch);
            _confirmed = time.GetTimestamp();
        }
    }

    /// <summary>Forgets everything, the epoch too.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _verdicts.Clear();
            _epoch = -1;
            _newest = -1;
        }
    }
}
