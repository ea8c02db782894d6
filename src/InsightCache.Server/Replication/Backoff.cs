namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Waits longer after each failure, and never as long as others do, so that servers do not all come back at once. Not safe for concurrent use.</summary>
internal sealed class Backoff(TimeProvider time)
{
    private const int MinMilliseconds = 50;
    private const int MaxMilliseconds = 5000;

    private int _milliseconds = MinMilliseconds;

    public void Reset() => _milliseconds = MinMilliseconds;

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan delay = TimeSpan.FromMilliseconds(_milliseconds * (0.5 + (Random.Shared.NextDouble() / 2)));
        _milliseconds = Math.Min(2 * _milliseconds, MaxMilliseconds);
        await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
    }
}
