using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.ScanHosting;

/// <summary>What the program tells its caller, as clamscan does.</summary>
public static class ExitCodes
{
    /// <summary>Everything was scanned, and nothing was found.</summary>
    public const int Clean = 0;

    /// <summary>Something is infected.</summary>
    public const int Infected = 1;

    /// <summary>Something could not be scanned, or the command could not be carried out.</summary>
    public const int Errors = 2;

    public static int Of(ScanSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return summary.Infected > 0 ? Infected : summary.IsComplete ? Clean : Errors;
    }
}
