namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Where a sweep of dead entries goes on. A new one begins at the first bucket.</summary>
internal struct SweepPosition
{
    /// <summary>The next bucket; 0 between two passes.</summary>
    public long Bucket;

    /// <summary>What <see cref="ExpiryHours.Begin"/> said when the pass began.</summary>
    public long Begun;
}
