using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>
/// Stands before every opening of a regular file of a file system: the process that opens waits until a handler has decided. Linux, as root. Safe for concurrent use.
/// </summary>
/// <remarks>
/// <para>Every request is answered exactly once: by its handler, or with <see cref="OpenPermissionOptions.OnFailure"/>. What this process opens itself, on any
/// thread, is never asked for, or a handler would wait for itself; the same holds for the processes told to <see cref="TrustProcess"/>.</para>
/// <para>Not asked for: files that were open before the gate was, those received from another process, folders, devices and pipes, and what is read from a file after it was opened.
/// A file is looked at as it is when it is opened; whoever had it open for writing may change it afterwards. When this process ends in whatever way, the kernel lets everybody through.</para>
/// <para>Source: fanotify(7), "Permission events".</para>
/// </remarks>
public sealed class OpenPermissionGate : IAsyncDisposable
{
    /// <summary>Room for 170 events: each is a descriptor from the moment it is read.</summary>
    private const int BufferSize = 4096;

    private readonly FanotifyGroup _group;
    private readonly LiveVolumes _volumes = new();
    private readonly Func<OpenRequest, CancellationToken, ValueTask<OpenDecision>> _decide;
    private readonly OpenPermissionOptions _options;
    private readonly ILogger _logger;
    private readonly string _path;
    private readonly uint _scope;
    private readonly long _timeout;
    private readonly Channel<OpenRequest> _requests;
    private readonly Task[] _workers;
    private readonly ConcurrentDictionary<int, bool> _trusted = new();
    private readonly TaskCompletionSource _readerEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Of the reader alone: what waits for an answer, in the order of the deadlines, which is that of the events.</summary>
    private readonly Queue<OpenRequest> _waiting = new();

    private volatile bool _rehearsing = true;
    private volatile bool _stopping;

    private OpenPermissionGate(
        FanotifyGroup group, string path, Func<OpenRequest, CancellationToken, ValueTask<OpenDecision>> decide, OpenPermissionOptions options, ILogger logger)
    {
        _group = group;
        _path = path;
        _decide = decide;
        _options = options;
        _logger = logger;
        _scope = options.Scope == OpenPermissionScope.Mount ? Fan.MarkMount : Fan.MarkFileSystem;
        _timeout = (long)options.DecisionTimeout.TotalMilliseconds;
        _requests = Channel.CreateBounded<OpenRequest>(new BoundedChannelOptions(options.QueueCapacity) { SingleWriter = true, AllowSynchronousContinuations = false });
        _trusted[Environment.ProcessId] = true;
        _workers = [.. Enumerable.Range(0, options.MaxConcurrency).Select(_ => Task.Run(WorkAsync))];
        new Thread(Run) { IsBackground = true, Name = "fanotify gate" }.Start();
    }

    /// <summary>Gets what ends with the gate: it fails when the gate no longer guards although nobody disposed it.</summary>
    public Task Completion => _readerEnded.Task;

    /// <summary>Opens a gate.</summary>
    /// <param name="path">A file or folder of the file system to guard, or of the mount.</param>
    /// <param name="decide">
    /// Decides. Called for several requests at once, on threads of the pool; the token is cancelled when the answer is no longer waited for. It may open any file.
    /// </param>
    /// <param name="options">How the gate works; the defaults if <see langword="null"/>.</param>
    /// <param name="logger">What is told of failures. What it writes must not need a process that is not trusted to open a guarded file.</param>
    /// <returns>The gate, in force.</returns>
    /// <exception cref="ArgumentException">The path is empty, or an option is out of its range.</exception>
    /// <exception cref="OnAccessException">The system, the process or the file system lacks what it takes; the message names it.</exception>
    /// <exception cref="IOException">The system has no descriptors left, or no <c>/proc</c>.</exception>
    public static OpenPermissionGate Open(
        string path,
        Func<OpenRequest, CancellationToken, ValueTask<OpenDecision>> decide,
        OpenPermissionOptions? options = null,
        ILogger<OpenPermissionGate>? logger = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(decide);
        options ??= new OpenPermissionOptions();
        options.Validate();

        // Without NonBlocking, the kernel's own opening of a pipe for the event would wait for the pipe's other end.
        FanotifyGroup group = FanotifyGroup.Create(
            Fan.ClassContent, Native.ReadOnly | Native.CloseOnExec | Native.NonBlocking | Native.NoAccessTime, isPermission: true);
        OpenPermissionGate gate = new(group, Path.GetFullPath(path), decide, options, (ILogger?)logger ?? NullLogger.Instance);
        try
        {
            gate.Rehearse();
            gate.Guard();
            return gate;
        }
        catch
        {
            gate.Stop();
            throw;
        }
    }

    /// <summary>Lets a process open everything without being asked about, as a worker process that the handler waits for.</summary>
    /// <param name="processId">The process. Its children are not included.</param>
    public void TrustProcess(int processId) => _trusted[processId] = true;

    /// <summary>Takes <see cref="TrustProcess"/> back: to be called when the process has ended, before another gets its number.</summary>
    /// <param name="processId">The process. This one stays trusted.</param>
    public void DistrustProcess(int processId)
    {
        if (processId != Environment.ProcessId)
        {
            _trusted.TryRemove(processId, out _);
        }
    }

    /// <summary>Makes the kernel forget which files were allowed, so that each is asked for again: after an update of the definitions.</summary>
    /// <exception cref="ObjectDisposedException">The gate is no more.</exception>
    public void ForgetAllowed() => _group.Mark(Fan.MarkFlush, 0, "/");

    /// <summary>Takes the gate away. Who waits is answered with <see cref="OpenPermissionOptions.OnFailure"/>; handlers are cancelled and waited for, as long as a decision may take.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await _readerEnded.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await Task.WhenAll(_workers).WaitAsync(_options.DecisionTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.HandlersLeft(_logger, _path, _options.DecisionTimeout);
        }

        _volumes.Dispose();
    }

    /// <summary>
    /// Sends two events through the gate before it guards anything, so that the runtime has loaded and compiled what the reader needs: to load it later it might open a
    /// guarded file, and wait for itself.
    /// </summary>
    private void Rehearse()
    {
        using SafeFileHandle file = new(Native.MemoryFile("rehearsal", Fan.CloseOnExec), ownsHandle: true);
        if (!file.IsInvalid && _group.Mark(Fan.MarkAdd, Fan.OpenPermission, file) == 0)
        {
            string path = $"/proc/self/fd/{file.DangerousGetHandle()}";
            File.OpenHandle(path).Dispose();
            _rehearsing = false;
            File.OpenHandle(path).Dispose();
            _group.Mark(Fan.MarkRemove, Fan.OpenPermission, file);
        }

        _rehearsing = false;
    }

    private void Guard()
    {
        ulong events = Fan.OpenExecPermission | (_options.ExecutionsOnly ? 0 : Fan.OpenPermission);
        int error = _group.Mark(Fan.MarkAdd | _scope, events, _path);
        if (error != 0)
        {
            throw new OnAccessException(
                error switch
                {
                    Native.Error.NoEntry => $"There is no {_path}.",
                    Native.Error.Invalid => "This kernel cannot ask before a file is opened: it needs CONFIG_FANOTIFY_ACCESS_PERMISSIONS, and Linux 5.0; "
                        + $"or {_path} is on a file system of the kernel's own.",
                    Native.Error.NotPermitted => "A gate needs the capability CAP_SYS_ADMIN: run as root.",
                    _ => $"fanotify cannot guard {_path}.",
                },
                Native.Failed("fanotify_mark", error));
        }
    }

    private void Stop()
    {
        try
        {
            // First no new events, then the answers: the reader takes what is left.
            _group.Mark(Fan.MarkFlush | _scope, 0, "/");
            _stopping = true;
            _group.Wake();
        }
        catch (ObjectDisposedException)
        {
            // The reader has ended.
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run()
    {
        Exception? failure = null;
        try
        {
            byte[] buffer = new byte[BufferSize];
            while (!_stopping)
            {
                _group.Wait(Patience());
                Take(buffer);
                Expire(all: false);
            }

            while (Take(buffer))
            {
            }
        }
        catch (Exception e)
        {
            failure = e;
        }

        Expire(all: true);
        _requests.Writer.TryComplete();
        _group.Dispose();
        if (failure is null)
        {
            _readerEnded.SetResult();
        }
        else
        {
            _readerEnded.SetException(failure);
            Log.GateFailed(_logger, _path, failure);
        }
    }

    /// <summary>How long the reader may sleep: until somebody has waited too long.</summary>
    private int Patience()
    {
        while (_waiting.TryPeek(out OpenRequest? next) && next.IsAnswered)
        {
            _waiting.Dequeue();
        }

        return _waiting.Count == 0 ? Timeout.Infinite : (int)Math.Max(0, _waiting.Peek().Deadline - Environment.TickCount64);
    }

    private bool Take(byte[] buffer)
    {
        int count = _group.Read(buffer);
        if (count < 0)
        {
            // What the kernel cannot open for the gate it denies, and says so here; the gate goes on. What follows is about the queue itself.
            if (-count is Native.Error.BadDescriptor or Native.Error.BadAddress or Native.Error.Invalid)
            {
                throw Native.Failed("reading events of fanotify", -count);
            }

            Say(() => Log.OpenNotHandedOver(_logger, -count));
            return true;
        }

        ReadOnlySpan<byte> events = buffer.AsSpan(0, count);
        while (!events.IsEmpty)
        {
            Take(FanotifyEvent.Take(ref events));
        }

        return count > 0;
    }

    private void Take(FanotifyEvent opening)
    {
        if (opening.Descriptor < 0)
        {
            return;
        }

        OpenRequest request = new(
            _group,
            _volumes,
            opening.Descriptor,
            opening.ProcessId,
            (opening.Mask & Fan.OpenExecPermission) != 0,
            unchecked(Environment.TickCount64 + _timeout));
        if (_trusted.ContainsKey(opening.ProcessId) && !_rehearsing)
        {
            request.TryAnswer(OpenDecision.Allow);
            request.End();
        }
        else if (_stopping || !_requests.Writer.TryWrite(request))
        {
            request.TryAnswer(_options.OnFailure);
            request.End();
            if (!_stopping)
            {
                Say(() => Log.DecisionsQueuedUp(_logger, request.ProcessId, _options.QueueCapacity, _options.OnFailure));
            }
        }
        else
        {
            Remember(request);
        }
    }

    private void Remember(OpenRequest request)
    {
        // Those that were answered behind one that was not.
        if (_waiting.Count >= 2 * (_options.QueueCapacity + _options.MaxConcurrency))
        {
            for (int count = _waiting.Count; count > 0; count--)
            {
                OpenRequest waiting = _waiting.Dequeue();
                if (!waiting.IsAnswered)
                {
                    _waiting.Enqueue(waiting);
                }
            }
        }

        _waiting.Enqueue(request);
    }

    private void Expire(bool all)
    {
        while (_waiting.TryPeek(out OpenRequest? oldest) && (all || oldest.IsAnswered || oldest.Deadline <= Environment.TickCount64))
        {
            _waiting.Dequeue();
            if (oldest.TryAnswer(_options.OnFailure))
            {
                oldest.Cancel();
                if (!all)
                {
                    Say(() => Log.DecisionTimedOut(_logger, oldest.ProcessId, _options.DecisionTimeout, _options.OnFailure));
                }
            }
        }
    }

    /// <summary>Logs from another thread: where the log is kept may itself be guarded.</summary>
    private static void Say(Action log) => ThreadPool.UnsafeQueueUserWorkItem(static log => log(), log, preferLocal: false);

    private async Task WorkAsync()
    {
        await foreach (OpenRequest request in _requests.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                if (!request.IsAnswered)
                {
                    request.TryAnswer(await DecideAsync(request).ConfigureAwait(false));
                }
            }
            finally
            {
                request.End();
            }
        }
    }

    private async ValueTask<OpenDecision> DecideAsync(OpenRequest request)
    {
        FileStatus? before = FileStatus.Of(request.File);
        if (before is { IsRegular: false } || _trusted.ContainsKey(request.ProcessId))
        {
            return OpenDecision.Allow;
        }

        try
        {
            OpenDecision decision = await _decide(request, request.Cancellation).ConfigureAwait(false);
            if (!Enum.IsDefined(decision))
            {
                throw new InvalidOperationException($"{decision} is no decision.");
            }

            if (decision == OpenDecision.Allow && _options.RememberAllowed && !request.IsAnswered)
            {
                RememberAllowed(request.File, before);
            }

            return decision;
        }
        catch (Exception e)
        {
            // After the time is over, that was said.
            if (!request.IsAnswered)
            {
                Log.DecisionFailed(_logger, request.Path, request.ProcessId, _options.OnFailure, e);
            }

            return _options.OnFailure;
        }
    }

    private void RememberAllowed(SafeFileHandle file, FileStatus? before)
    {
        const ulong Openings = Fan.OpenPermission | Fan.OpenExecPermission;
        uint ignored = Fan.MarkIgnoredMask | Fan.MarkEvictable;

        // The kernel drops the mark at the next write. One that came before the mark, while the file was looked at, shows in the file's times.
        if (_group.Mark(Fan.MarkAdd | ignored, Openings, file) == 0 && (before is null || FileStatus.Of(file) != before))
        {
            _group.Mark(Fan.MarkRemove | ignored, Openings, file);
        }
    }
}
