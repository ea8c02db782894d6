using System.ComponentModel.DataAnnotations;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>Where a source takes its events from.</summary>
public enum FileChangeMechanism
{
    /// <summary>fanotify where this process may use it and the file system can, else the watcher.</summary>
    Auto,

    /// <summary>fanotify, or an <see cref="OnAccessException"/>.</summary>
    Fanotify,

    /// <summary>The <see cref="FileSystemWatcher"/> of .NET: inotify on Linux, ReadDirectoryChangesW on Windows.</summary>
    Watcher,
}

/// <summary>How a source of changes works. The values are read once, when it is opened.</summary>
public sealed class FileChangeOptions
{
    private const int SmallestQueue = 1;
    private const int LargestQueue = 1 << 20;

    /// <summary>Gets or sets where the events come from.</summary>
    /// <value>The default value is <see cref="FileChangeMechanism.Auto"/>.</value>
    public FileChangeMechanism Mechanism { get; set; }

    /// <summary>Gets or sets how many changes wait to be read at most, from 1 to 1,048,576; one more, and a single <see cref="FileChangeKind.Overflow"/> takes the place of all.</summary>
    /// <value>The default value is 16,384, which is also the kernel's own for fanotify.</value>
    [Range(SmallestQueue, LargestQueue)]
    public int QueueCapacity { get; set; } = 16_384;

    /// <summary>Gets or sets a value indicating whether changes by this process are left out. Only fanotify knows them; a watcher tells them nevertheless.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool IgnoreOwnProcess { get; set; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal void Validate()
    {
        if (!Enum.IsDefined(Mechanism))
        {
            throw new ArgumentOutOfRangeException(nameof(Mechanism), Mechanism, "No such mechanism.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(QueueCapacity, SmallestQueue);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(QueueCapacity, LargestQueue);
    }
}
