namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>How far a server is behind: the age of its newest own pulse that came back to it through the log. Safe for concurrent use.</summary>
/// <remarks>A log that takes no entries, gives none, or gives those of yesterday all look alike in this: no pulse comes back. Until the first one does, a server that has just started counts as too far behind.</remarks>
internal sealed class ReplicationLag(ServerClock clock, TimeSpan limit)
{
    private long _lastPulse;

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

    public void PulseCameBack(DateTimeOffset written) => Volatile.Write(ref _lastPulse, written.UtcTicks);
}
