using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>Opens sources of changes.</summary>
public static class FileChangeSource
{
    /// <summary>Opens a source of everything that changes in a folder and below, on the folder's own file system.</summary>
    /// <param name="root">The folder. Other file systems that are mounted below it need sources of their own.</param>
    /// <param name="options">How it works; the defaults if <see langword="null"/>.</param>
    /// <param name="logger">What is told of it.</param>
    /// <returns>The source. What changes after the return is told.</returns>
    /// <exception cref="ArgumentException">The root is empty, or an option is out of its range.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="OnAccessException">The mechanism that was asked for is not available; the message names what is missing.</exception>
    /// <exception cref="IOException">The folder cannot be opened or watched.</exception>
    public static IFileChangeSource Open(string root, FileChangeOptions? options = null, ILogger? logger = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        options ??= new FileChangeOptions();
        options.Validate();
        logger ??= NullLogger.Instance;
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"There is no folder {folder}.");
        }

        IFileChangeSource source = options.Mechanism switch
        {
            FileChangeMechanism.Fanotify => FanotifyChangeSource.Open(folder, options, logger),
            FileChangeMechanism.Watcher => new WatcherChangeSource(folder, options, logger),
            _ => OpenBest(folder, options, logger),
        };
        Log.SourceOpened(logger, folder, source.Mechanism);
        return source;
    }

    private static IFileChangeSource OpenBest(string folder, FileChangeOptions options, ILogger logger)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                return FanotifyChangeSource.Open(folder, options, logger);
            }
            catch (OnAccessException e)
            {
                Log.FanotifyRefused(logger, folder, e);
            }
        }

        return new WatcherChangeSource(folder, options, logger);
    }
}
