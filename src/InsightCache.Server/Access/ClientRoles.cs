namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What a client may do. Asking and voting are separate rights: whoever only asks can poison nothing.</summary>
[Flags]
public enum ClientRoles
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Asks about contents.</summary>
    Ask = 1,

    /// <summary>Tells verdicts; one voice among several.</summary>
    Vote = 2,

    /// <summary>A scanner whose single vote makes a content clean. It cannot set definitions alone.</summary>
    TrustedScanner = 4,

    /// <summary>Sets definitions, recalls and lifts recalls, retracts votes, exports and imports.</summary>
    Administer = 8,
}
