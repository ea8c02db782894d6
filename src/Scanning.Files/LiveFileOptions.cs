namespace Symantec.Virtualization.Scanning.Files;

/// <summary>How the files of a folder are listed.</summary>
public sealed class LiveFileOptions
{
    /// <summary>Gets or sets a value indicating whether other volumes that are mounted below the folder are listed as well. Those that only show the kernel's state never are.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool CrossVolumes { get; set; }

    /// <summary>Gets the files and folders that are left out, with everything below them.</summary>
    public IList<string> Excluded { get; } = [];
}
