namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What definitions may do that nobody signed: loose files, and containers named <c>.cud</c>.</summary>
public enum UnsignedDefinitions
{
    /// <summary>They are used like signed ones.</summary>
    Use,

    /// <summary>They are left out, and the report names them: only what ClamAV's publisher signed is used.</summary>
    Refuse,
}

/// <summary>Which definitions are loaded, and how.</summary>
public sealed class SignatureLoadOptions
{
    /// <summary>Gets or sets a value indicating whether potentially unwanted programs count as threats (databases whose extension ends in <c>u</c>).</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool IncludePotentiallyUnwanted { get; set; }

    /// <summary>Gets or sets what definitions may do that nobody signed. Those whose signature is wrong are never used.</summary>
    /// <value>The default value is <see cref="UnsignedDefinitions.Use"/>.</value>
    public UnsignedDefinitions UnsignedDefinitions { get; set; }

    /// <summary>Gets or sets a folder where compiled definitions are kept, so that they need not be read and compiled at the next start.</summary>
    /// <remarks>
    /// Whoever can write there can change what is found, as whoever can write to the definitions themselves. On Unix a folder that others than its owner can write
    /// to is not used. It is made where it is missing; entries that were not used for a month are removed.
    /// </remarks>
    /// <value>The default value is <see langword="null"/>: nothing is kept.</value>
    public string? CacheFolder { get; set; }
}
