namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Why an entry was not applied.</summary>
internal enum Refusal
{
    /// <summary>No server of this cluster has written it for this log, or it was changed.</summary>
    Forged,

    /// <summary>It was there before.</summary>
    Replayed,

    /// <summary>It is older than anything that is still to be read.</summary>
    TooOld,

    /// <summary>It is from the future.</summary>
    TooNew,

    /// <summary>It is sealed, and says what this version does not understand.</summary>
    Unreadable,

    /// <summary>It is a stranger's word, and strangers have none here.</summary>
    Stranger,

    /// <summary>It is a vote from before its client's votes were retracted.</summary>
    Retracted,
}

/// <summary>What came through the shared log since the start. Safe for concurrent use.</summary>
internal sealed class ReplicationCounters
{
    private static readonly int Reasons = Enum.GetValues<Refusal>().Length;

    private readonly long[] _refused = new long[Reasons];
    private long _published;
    private long _applied;
    private long _dropped;

    public long Published => Volatile.Read(ref _published);

    public long Applied => Volatile.Read(ref _applied);

    /// <summary>Gets how many batches of votes others never learn of, since there was no room for them.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public long Refused(Refusal why) => Volatile.Read(ref _refused[(int)why]);

    public void AddPublished(int entries) => Interlocked.Add(ref _published, entries);

    public void AddApplied() => Interlocked.Increment(ref _applied);

    public void AddDropped() => Interlocked.Increment(ref _dropped);

    public void AddRefused(Refusal why) => Interlocked.Increment(ref _refused[(int)why]);
}
