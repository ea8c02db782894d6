using Symantec.Virtualization.Scanning.OnAccess;

namespace Symantec.Virtualization.ImageException;

/// <summary>How marks are guarded. The values are read once, when the guard starts.</summary>
public sealed class MarkGuardOptions
{
    /// <summary>Gets or sets the folder whose changes are watched: the root of what was sealed.</summary>
    public required string Root { get; set; }

    /// <summary>Gets the options of the watching.</summary>
    public FileChangeOptions Changes { get; } = new() { IgnoreOwnProcess = true };

    /// <summary>
    /// Gets or sets the shortest time between two checks of everything. Whoever can write many files can have changes missed and so have everything checked; the seal does not count
    /// in between.
    /// </summary>
    /// <value>The default value is 30 seconds.</value>
    public TimeSpan CheckPause { get; set; } = TimeSpan.FromSeconds(30);
}
