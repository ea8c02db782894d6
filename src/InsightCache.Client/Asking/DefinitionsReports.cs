namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>When which definitions were reported, so that a scan does not report them with every batch. Safe for concurrent use.</summary>
internal sealed class DefinitionsReports(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private ScopeName? _last;
    private long _reported;

    /// <summary>Tells whether definitions are to be reported now, and takes it that they are.</summary>
    public bool IsDue(ScopeName scope)
    {
        lock (_lock)
        {
            if (_last == scope && time.GetElapsedTime(_reported) < Interval)
            {
                return false;
            }

            _last = scope;
            _reported = time.GetTimestamp();
            return true;
        }
    }
}
