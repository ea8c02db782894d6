using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>Hears what became of votes.</summary>
internal interface IVoteOutcomes
{
    /// <summary>Votes have arrived.</summary>
    void Arrived(ScopeName scope, Vote[] votes, VoteAnswerFrame answer);

    /// <summary>Votes could not be sent.</summary>
    void Lost(ScopeName scope, Vote[] votes, Exception why);

    /// <summary>Something went wrong that is nobody's fault but this package's or its host's; later votes are sent.</summary>
    void Failed(Exception why);

    /// <summary>A vote had to make room for newer ones.</summary>
    void Dropped(ScopeName scope, Vote vote);
}
