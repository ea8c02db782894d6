using System.Collections.Concurrent;

namespace Symantec.Virtualization.Management.Server;

/// <summary>Counts per key and minute, in bounded memory. Safe for concurrent use.</summary>
internal sealed class Throttle(int perMinute, TimeProvider time)
{
    private const int MaxKeys = 100_000;

    private readonly ConcurrentDictionary<string, (long Minute, int Count)> _counts = new(StringComparer.Ordinal);
    private long _swept;

    /// <summary>Tells whether a key has used its minute up, and counts nothing.</summary>
    public bool IsSpent(string key) => _counts.TryGetValue(key, out (long Minute, int Count) entry) && entry.Minute == Minute && entry.Count >= perMinute;

    /// <summary>Counts one.</summary>
    /// <returns><see langword="false"/> if the minute was used up already.</returns>
    public bool TryTake(string key)
    {
        long minute = Minute;
        Sweep(minute);
        (long _, int count) = _counts.AddOrUpdate(
            key, static (_, now) => (now, 1), static (_, entry, now) => entry.Minute == now ? (now, entry.Count == int.MaxValue ? entry.Count : entry.Count + 1) : (now, 1), minute);
        return count <= perMinute;
    }

    private long Minute => time.GetUtcNow().ToUnixTimeSeconds() / 60;

    private void Sweep(long minute)
    {
        if (Interlocked.Exchange(ref _swept, minute) != minute || _counts.Count > MaxKeys)
        {
            foreach ((string key, (long last, int _)) in _counts)
            {
                if (last != minute)
                {
                    _counts.TryRemove(key, out _);
                }
            }

            if (_counts.Count > MaxKeys)
            {
                // So many strangers in one minute are an attack. To begin anew is better than to grow.
                _counts.Clear();
            }
        }
    }
}
