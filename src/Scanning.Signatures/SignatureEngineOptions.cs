namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>How the built-in engine scans.</summary>
public sealed class SignatureEngineOptions
{
    /// <summary>Gets or sets how much of archives is opened.</summary>
    /// <value>The default value is <see cref="ArchiveLimits.Default"/>.</value>
    public ArchiveLimits Archives { get; set; } = ArchiveLimits.Default;
}
