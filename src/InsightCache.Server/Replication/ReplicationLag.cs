namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>How far a server is behind: the age of its newest own pulse that came back to it through the log. Safe for concurrent use.</summary>
/// <remarks>A log that takes no entries, gives none, or gives those of yesterday all look alike in this: no pulse comes back. Until the first one does, a server that has just started counts as too far behind.</remarks>
internal sealed class ReplicationLag(ServerClock clock, TimeSpan limit)
{
    /// <summary>Longer than a server takes that waits longest before it tries to connect and to write again.</summary>
    private static readonly TimeSpan ReturnTime = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private long _lastPulse;
    private DateTimeOffset _awayFrom;
    private DateTimeOffset _backAt;
    private volatile bool _isBack;

    /// <summary>Gets the lag; since the start if no pulse has ever come back.</summary>
    public TimeSpan Value
    {
        get
        {
            long last = Volatile.Read(ref _lastPulse);
            TimeSpan lag = clock.Now - (last == 0 ? clock.Start : new DateTimeOffset(last, TimeSpan.Zero));
            return lag > TimeSpan.Zero ? lag : TimeSpan.Zero;
        }
    }

    /// <summary>Gets a value indicating whether nothing new may become clean, since a recall may have been missed.</summary>
    public bool IsOverLimit => Volatile.Read(ref _lastPulse) == 0 || Value > limit;

    /// <summary>Tells whether, after an outage, another server is not back yet that was there before: it may know of a recall. One that stays away for half a minute more than the limit is not waited for.</summary>
    public bool IsAwaiting(ReplayGuard guard)
    {
        if (!_isBack)
        {
            return false;
        }

        lock (_lock)
        {
            _isBack = clock.Now < _backAt + limit + ReturnTime && guard.HasLeft(_awayFrom, _backAt);
            return _isBack;
        }
    }

    public void PulseCameBack(DateTimeOffset written)
    {
        lock (_lock)
        {
            if (_lastPulse != 0 && IsOverLimit)
            {
                // Pulses that were written during the outage come back first; who was there before it is what counts.
                _awayFrom = _isBack ? _awayFrom : new DateTimeOffset(_lastPulse, TimeSpan.Zero) - limit;
                _backAt = clock.Now;
                _isBack = true;
            }

            Volatile.Write(ref _lastPulse, written.UtcTicks);
        }
    }
}
