using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>What a scope is called on the wire.</summary>
/// <param name="Lane">Engine and profile.</param>
/// <param name="Definitions">The definitions.</param>
internal readonly record struct ScopeName(LaneId Lane, DefinitionsStamp Definitions)
{
    private static Known? _last;

    /// <summary>Names a scope. A scan asks with the same one again and again, so that the last is kept.</summary>
    public static ScopeName Of(VerdictScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        Known? last = Volatile.Read(ref _last);
        if (!ReferenceEquals(last?.Scope, scope))
        {
            last = new Known(scope, new ScopeName(LaneId.Of(scope), DefinitionsStamp.Of(scope.Definitions)));
            Volatile.Write(ref _last, last);
        }

        return last!.Name;
    }

    private sealed record Known(VerdictScope Scope, ScopeName Name);
}
