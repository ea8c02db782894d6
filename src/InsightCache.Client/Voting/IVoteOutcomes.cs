using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>Hears what became of votes.</summary>
internal interface IVoteOutcomes
{
    /// <summary>Votes have arrived.</summary>
    void Arrived(ScopeName scope, Vote[] votes, VoteAnswerFrame answer);

    /// <summary>Votes could not be sent.</summary>
    void Lost(ScopeName scope, Vote[] votes, InsightCacheException why);

    /// <summary>A vote had to make room for newer ones.</summary>
    void Dropped(ScopeName scope, Vote vote);
}
