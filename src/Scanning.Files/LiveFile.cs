using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>A regular file of this machine, as a content to scan.</summary>
/// <remarks>
/// <para>It is opened when it is first read, without following a link in its last place and without moving its time of access, and is what was opened from then on: a file that is
/// renamed over it has another identity.</para>
/// <para>Its <see cref="ScanContent.Identity"/> is told anew at each call, by one system call. Linux keeps the time of change from users
/// (<see cref="FileIdentity.IsChangedGuarded"/>); on Windows the volume's change journal takes its place, where it is switched on.</para>
/// <para>On NTFS its named streams are contents of their own. An extended attribute of Linux is none: nothing runs it.</para>
/// </remarks>
public abstract class LiveFile : ScanContent
{
    private protected LiveFile()
    {
    }

    /// <summary>Gets how many names the file has: hard links.</summary>
    public abstract int LinkCount { get; }

    /// <summary>Finds a file by its path. Who finds many keeps a <see cref="LiveVolumes"/>.</summary>
    /// <param name="path">The path. Links in it are followed, but for its last part.</param>
    /// <returns>The file. It is opened when it is read.</returns>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="IOException">It is no regular file, or cannot be asked about.</exception>
    /// <exception cref="PlatformNotSupportedException">The system is neither Linux nor Windows.</exception>
    public static LiveFile Find(string path)
    {
        using LiveVolumes volumes = new();
        return volumes.Find(path);
    }
}
