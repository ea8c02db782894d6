namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What happened since the start; written once a request. Safe for concurrent use.</summary>
internal sealed class CacheCounters
{
    private long _lookupRequests;
    private long _voteRequests;
    private long _lookups;
    private long _hits;
    private long _leases;
    private long _waits;
    private long _votes;

    public long LookupRequests => Volatile.Read(ref _lookupRequests);

    public long VoteRequests => Volatile.Read(ref _voteRequests);

    public long Lookups => Volatile.Read(ref _lookups);

    public long Hits => Volatile.Read(ref _hits);

    public long Leases => Volatile.Read(ref _leases);

    public long Waits => Volatile.Read(ref _waits);

    public long Votes => Volatile.Read(ref _votes);

    public void AddLookup(int asked, int hits, int leases, int waits)
    {
        Interlocked.Increment(ref _lookupRequests);
        Interlocked.Add(ref _lookups, asked);
        Interlocked.Add(ref _hits, hits);
        if (leases + waits > 0)
        {
            Interlocked.Add(ref _leases, leases);
            Interlocked.Add(ref _waits, waits);
        }
    }

    public void AddVotes(int votes)
    {
        Interlocked.Increment(ref _voteRequests);
        Interlocked.Add(ref _votes, votes);
    }
}
