namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What an addition to a <see cref="VerdictTable"/> did.</summary>
internal enum AddResult
{
    /// <summary>The key was not in the table in this lane, and now is. Another entry may have gone for it.</summary>
    Added,

    /// <summary>The key was there, and has a newer generation or a later expiry now, or an entry that was dead lives again.</summary>
    Renewed,

    /// <summary>The key was there, of this generation and with the same or a later expiry.</summary>
    Unchanged,

    /// <summary>The key was there in a newer generation, which stays.</summary>
    Older,

    /// <summary>The generation is not alive, or the expiry has passed: nothing was stored.</summary>
    Dead,
}
