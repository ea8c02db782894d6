using StackExchange.Redis;

namespace Symantec.Virtualization.InsightCache.Server.Redis;

/// <summary>Reconnects after a tenth of a second at first and after 5 to 10 at last, at a moment of each server's own: an engine that has just come back is not met by all of them at once.</summary>
internal sealed class JitteredRetry : IReconnectRetryPolicy
{
    private const int FirstMilliseconds = 100;
    private const int LastMilliseconds = 10_000;
    private const int MaxDoublings = 7;

    public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry)
    {
        int longest = Math.Min(FirstMilliseconds << (int)Math.Min(currentRetryCount, MaxDoublings), LastMilliseconds);
        return timeElapsedMillisecondsSinceLastRetry >= longest * (0.5 + (Random.Shared.NextDouble() / 2));
    }
}
