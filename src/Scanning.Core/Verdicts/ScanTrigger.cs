namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Why a scan runs. Policy decides by it which exemptions are asked.</summary>
public enum ScanTrigger
{
    /// <summary>Somebody opened the file (on-access scan).</summary>
    AutoProtect,

    /// <summary>A user asked for the scan.</summary>
    Manual,

    /// <summary>The client's own schedule.</summary>
    Scheduled,

    /// <summary>An administrator's command or schedule.</summary>
    AdministratorDefined,
}
