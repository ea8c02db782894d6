using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>Changes as fanotify tells them: of a whole file system, whoever makes them, through whichever mount and hard link.</summary>
/// <remarks>
/// An event names the folder by a handle and the entry by its name, or the file by a handle alone. The folder's path is looked up when the event is read, so a path is
/// the one of that moment; a folder that is gone by then has nothing in it any more. A file that was written, exists, and has no name that can be found is told as an overflow.
/// </remarks>
internal sealed class FanotifyChangeSource : IFileChangeSource
{
    private const ulong ContentChanges = Fan.Modify | Fan.CloseWrite;
    private const ulong FileChanges = ContentChanges | Fan.Attributes;
    private const ulong Wanted = FileChanges | Fan.Create | Fan.Delete | Fan.MovedFrom | Fan.MovedTo | Fan.OnFolder;
    private const int BufferSize = 64 << 10;

    /// <summary>What an event may say, in the order in which one that says several is told.</summary>
    private static readonly (ulong Mask, FileChangeKind Kind)[] Kinds =
    [
        (Fan.Create, FileChangeKind.Created),
        (Fan.MovedTo, FileChangeKind.MovedTo),
        (ContentChanges, FileChangeKind.Modified),
        (Fan.Attributes, FileChangeKind.AttributesChanged),
        (Fan.MovedFrom, FileChangeKind.MovedFrom),
        (Fan.Delete, FileChangeKind.Deleted),
    ];

    private readonly FanotifyGroup _group;
    private readonly HandleResolver _resolver;
    private readonly ChangeQueue _queue;
    private readonly ILogger _logger;
    private readonly string _root;
    private readonly string _realRoot;
    private readonly int _ignoredProcess;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;

    private FanotifyChangeSource(FanotifyGroup group, HandleResolver resolver, string root, FileChangeOptions options, ILogger logger)
    {
        _group = group;
        _resolver = resolver;
        _root = root;
        _realRoot = resolver.CurrentRoot ?? throw new DirectoryNotFoundException($"There is no folder {root}.");
        _logger = logger;
        _queue = new ChangeQueue(options.QueueCapacity, logger);
        _ignoredProcess = options.IgnoreOwnProcess ? Environment.ProcessId : -1;
        new Thread(Run) { IsBackground = true, Name = "fanotify changes" }.Start();
    }

    /// <summary>Begins to be told.</summary>
    /// <exception cref="OnAccessException">The kernel, the process or the file system lacks what it takes.</exception>
    /// <exception cref="IOException">The folder cannot be opened.</exception>
    public static FanotifyChangeSource Open(string root, FileChangeOptions options, ILogger logger)
    {
        FanotifyGroup group = FanotifyGroup.Create(
            Fan.ClassNotification | Fan.ReportFileHandle | Fan.ReportFolderHandle | Fan.ReportName, Native.ReadOnly, isPermission: false);
        HandleResolver? resolver = null;
        try
        {
            resolver = HandleResolver.Open(root);
            int error = group.Mark(Fan.MarkAdd | Fan.MarkFileSystem, Wanted, root);
            return error == 0 ? new FanotifyChangeSource(group, resolver, root, options, logger) : throw Refused(root, error);
        }
        catch
        {
            resolver?.Dispose();
            group.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Mechanism => "fanotify";

    /// <inheritdoc/>
    public IAsyncEnumerable<FileChange> ReadAllAsync(CancellationToken cancellationToken = default) => _queue.ReadAllAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        try
        {
            _group.Wake();
        }
        catch (ObjectDisposedException)
        {
            // The reader has ended.
        }

        await _ended.Task.ConfigureAwait(false);
    }

    private static OnAccessException Refused(string root, int error) => new(
        error switch
        {
            Native.Error.NotPermitted => "Watching a whole file system by fanotify needs the capability CAP_SYS_ADMIN: run as root.",
            Native.Error.NoDevice or Native.Error.NotSupported => $"The file system of {root} does not name its files to fanotify.",
            Native.Error.CrossDevice => $"{root} is in a subvolume; fanotify needs the file system's own root.",
            Native.Error.NoSpace => "There are too many fanotify marks (fs.fanotify.max_user_marks).",
            _ => $"fanotify cannot watch the file system of {root}.",
        },
        Native.Failed("fanotify_mark", error));

    private void Run()
    {
        Exception? failure = null;
        try
        {
            byte[] buffer = new byte[BufferSize];
            while (!_stopping)
            {
                _group.Wait(Timeout.Infinite);
                int count = _group.Read(buffer);
                if (count < 0)
                {
                    throw Native.Failed("reading events of fanotify", -count);
                }

                Tell(buffer.AsSpan(0, count));
            }
        }
        catch (Exception e)
        {
            failure = e as IOException ?? new IOException($"Changes under {_root} are no longer told: {e.Message}", e);
            Log.SourceFailed(_logger, _root, e);
            _queue.Write(FileChange.Overflow);
        }
        finally
        {
            _queue.End(failure);
            _group.Dispose();
            _resolver.Dispose();
            _ended.SetResult();
        }
    }

    private void Tell(ReadOnlySpan<byte> events)
    {
        if (events.IsEmpty)
        {
            return;
        }

        if (!string.Equals(_resolver.CurrentRoot, _realRoot, StringComparison.Ordinal))
        {
            // The root itself was moved or deleted: no path that was told before means what it meant.
            _queue.Write(FileChange.Overflow);
            return;
        }

        while (!events.IsEmpty)
        {
            Tell(FanotifyEvent.Take(ref events));
        }
    }

    private void Tell(FanotifyEvent change)
    {
        if ((change.Mask & Fan.QueueOverflow) != 0)
        {
            _queue.Write(FileChange.Overflow);
            return;
        }

        if (change.ProcessId == _ignoredProcess)
        {
            return;
        }

        ulong mask = change.Mask;
        FileStatus? file = FindFile(change.File, out _, withPath: false);
        if ((FindEntry(change.Folder, change.Name) ?? OwnPath(change.File)) is not { } real)
        {
            if (file is not null && (mask & ContentChanges) != 0)
            {
                _queue.Write(FileChange.Overflow);
            }

            return;
        }

        string? path = Under(real);
        if (path is null)
        {
            // Outside the root, but a file with another name may be below it; and one that lost this name meanwhile has another.
            mask &= FileChanges;
            if (mask == 0 || file is not { } known || (known.Links == 1 && FileStatus.At(real)?.Inode == known.Inode))
            {
                return;
            }

            path = (OwnPath(change.File) is { } own ? Under(own) : null) ?? real;
        }

        foreach ((ulong bits, FileChangeKind kind) in Kinds)
        {
            if ((mask & bits) != 0)
            {
                _queue.Write(new FileChange(kind, path) { FileId = file?.Inode, ProcessId = change.ProcessId != 0 ? change.ProcessId : null });
            }
        }
    }

    /// <summary>Finds the file that an event names by its own handle, unless it is deleted.</summary>
    private FileStatus? FindFile(ReadOnlySpan<byte> handle, out string? path, bool withPath)
    {
        path = null;
        if (handle.IsEmpty || !_resolver.TryOpen(handle, out SafeFileHandle file))
        {
            return null;
        }

        using (file)
        {
            if (FileStatus.Of(file) is not { Links: > 0 } status)
            {
                return null;
            }

            path = withPath ? HandleResolver.PathOf(file) : null;
            return status;
        }
    }

    /// <summary>Finds a path that leads to the file that an event names by its own handle.</summary>
    private string? OwnPath(ReadOnlySpan<byte> handle)
    {
        // Of a file that the kernel found by its number, not by a path, the path may be of no use: it counts if it leads back.
        return FindFile(handle, out string? path, withPath: true) is { } file && path is not null && FileStatus.At(path)?.Inode == file.Inode ? path : null;
    }

    private string? FindEntry(ReadOnlySpan<byte> handle, ReadOnlySpan<byte> name)
    {
        if (handle.IsEmpty || !_resolver.TryOpen(handle, out SafeFileHandle folder))
        {
            return null;
        }

        using (folder)
        {
            if (FileStatus.Of(folder) is not { Links: > 0 } || HandleResolver.PathOf(folder) is not { } path)
            {
                return null;
            }

            return name.IsEmpty || name.SequenceEqual("."u8) ? path : Path.Join(path, Encoding.UTF8.GetString(name));
        }
    }

    /// <summary>Makes of a real path one that begins with the root as it was given.</summary>
    private string? Under(string real)
    {
        if (_realRoot == "/")
        {
            return _root == "/" ? real : _root + real;
        }

        ReadOnlySpan<char> below = real.StartsWith(_realRoot, StringComparison.Ordinal) ? real.AsSpan(_realRoot.Length) : "-";
        return below is [] or ['/', ..] ? string.Concat(_root, below) : null;
    }
}
