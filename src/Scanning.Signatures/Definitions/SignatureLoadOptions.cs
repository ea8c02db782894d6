namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Which definitions are loaded.</summary>
public sealed class SignatureLoadOptions
{
    /// <summary>Gets or sets a value indicating whether potentially unwanted programs count as threats (<c>.hdu</c>, <c>.hsu</c>).</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool IncludePotentiallyUnwanted { get; set; }
}
