namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>Whether a file may be opened.</summary>
public enum OpenDecision
{
    /// <summary>It may not: the opener is told "Operation not permitted" (EPERM).</summary>
    Deny,

    /// <summary>It may.</summary>
    Allow,
}
