using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>Changes as the <see cref="FileSystemWatcher"/> of .NET tells them.</summary>
internal sealed class WatcherChangeSource : IFileChangeSource
{
    /// <summary>The largest that ReadDirectoryChangesW takes for a folder on another machine; with names of 32 characters, some 800 events.</summary>
    private const int BufferSize = 64 << 10;

    private readonly FileSystemWatcher _watcher;
    private readonly ChangeQueue _queue;
    private readonly ILogger _logger;
    private readonly string _root;

    /// <summary>Begins to watch.</summary>
    /// <exception cref="IOException">The folder cannot be watched.</exception>
    public WatcherChangeSource(string root, FileChangeOptions options, ILogger logger)
    {
        _root = root;
        _logger = logger;
        _queue = new ChangeQueue(options.QueueCapacity, logger);
        _watcher = new FileSystemWatcher(root)
        {
            IncludeSubdirectories = true,
            InternalBufferSize = BufferSize,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.Attributes | NotifyFilters.Size | NotifyFilters.LastWrite
                | NotifyFilters.CreationTime | NotifyFilters.Security,
        };
        _watcher.Changed += (_, change) => _queue.Write(new FileChange(FileChangeKind.Modified, change.FullPath));
        _watcher.Created += (_, change) => _queue.Write(new FileChange(FileChangeKind.Created, change.FullPath));
        _watcher.Deleted += (_, change) => _queue.Write(new FileChange(FileChangeKind.Deleted, change.FullPath));
        _watcher.Renamed += (_, change) =>
        {
            _queue.Write(new FileChange(FileChangeKind.MovedFrom, change.OldFullPath));
            _queue.Write(new FileChange(FileChangeKind.MovedTo, change.FullPath));
        };
        _watcher.Error += (_, error) => Fail(error.GetException());
        try
        {
            _watcher.EnableRaisingEvents = true;
        }
        catch
        {
            _watcher.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Mechanism => OperatingSystem.IsWindows() ? "ReadDirectoryChangesW" : OperatingSystem.IsLinux() ? "inotify" : "FileSystemWatcher";

    /// <inheritdoc/>
    public IAsyncEnumerable<FileChange> ReadAllAsync(CancellationToken cancellationToken = default) => _queue.ReadAllAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _watcher.Dispose();
        _queue.End();
        return ValueTask.CompletedTask;
    }

    private void Fail(Exception error)
    {
        _queue.Write(FileChange.Overflow);
        if (error is InternalBufferOverflowException)
        {
            return;
        }

        // A folder that cannot be watched, or no longer: the watcher goes on without it, and would be taken for one that sees all.
        Log.SourceFailed(_logger, _root, error);
        _queue.End(error as IOException ?? new IOException($"Changes under {_root} are no longer told: {error.Message}", error));
    }
}
