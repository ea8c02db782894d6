using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What a lookup came to, beside its bits.</summary>
/// <param name="Standing">What the server thinks of the client's definitions.</param>
/// <param name="Sequence">The number of the lane's current definitions.</param>
/// <param name="ComeBack">After how many milliseconds to ask for the waiting contents again.</param>
/// <param name="RecallEpoch">The epoch of recalls.</param>
internal readonly record struct LookupSummary(DefinitionsStanding Standing, long Sequence, int ComeBack, long RecallEpoch);
