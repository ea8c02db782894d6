namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Stops asking what does not answer: after some failures in a row for some seconds, then one at a time tries. Safe for concurrent use.</summary>
internal sealed class CircuitBreaker(TimeProvider time)
{
    /// <summary>One slow answer is a pause of the collector or of the network; so many in a row are not.</summary>
    private const int MaxFailures = 5;

    private static readonly TimeSpan OpenTime = TimeSpan.FromSeconds(5);

    private int _failures;
    private long _openUntil;

    /// <summary>Gets a value indicating whether nobody asks now.</summary>
    public bool IsOpen => Volatile.Read(ref _openUntil) is var until && until != 0 && time.GetTimestamp() < until;

    /// <summary>Tells whether the caller may ask, and must tell how it went.</summary>
    public bool TryEnter()
    {
        long until = Volatile.Read(ref _openUntil);
        long now = time.GetTimestamp();
        return until == 0 || (now >= until && Interlocked.CompareExchange(ref _openUntil, now + Ticks(OpenTime), until) == until);
    }

    public void Succeeded()
    {
        Volatile.Write(ref _failures, 0);
        Volatile.Write(ref _openUntil, 0);
    }

    /// <returns>For how long nobody asks, if this failure has opened the breaker.</returns>
    public TimeSpan? Failed()
    {
        if (Interlocked.Increment(ref _failures) != MaxFailures)
        {
            return null;
        }

        // Servers that lost the same engine do not all try it at the same moment.
        TimeSpan duration = OpenTime * (1 + Random.Shared.NextDouble());
        Volatile.Write(ref _openUntil, time.GetTimestamp() + Ticks(duration));
        return duration;
    }

    private long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * time.TimestampFrequency);
}
