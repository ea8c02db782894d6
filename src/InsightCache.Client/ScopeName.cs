using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>What a scope is called on the wire.</summary>
/// <param name="Lane">Engine and profile.</param>
/// <param name="Definitions">The definitions.</param>
internal readonly record struct ScopeName(LaneId Lane, DefinitionsStamp Definitions)
{
    public static ScopeName Of(VerdictScope scope) => new(LaneId.Of(scope), DefinitionsStamp.Of(scope.Definitions));
}
