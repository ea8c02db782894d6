using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>A file that a process waits to open. It holds until the handler that it was given to returns.</summary>
/// <remarks>The process stands still meanwhile; others do not, and may write to the file while it is looked at.</remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The gate ends the request, not whoever decides it; a token source without a timer holds nothing.")]
public sealed class OpenRequest
{
    private readonly FanotifyGroup _group;
    private readonly LiveVolumes _volumes;
    private readonly int _descriptor;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly Lock _ending = new();
    private bool _isAnswered;
    private bool _isEnded;

    internal OpenRequest(FanotifyGroup group, LiveVolumes volumes, int descriptor, int processId, bool isExecution, long deadline)
    {
        _group = group;
        _volumes = volumes;
        _descriptor = descriptor;
        File = new SafeFileHandle(descriptor, ownsHandle: true);
        ProcessId = processId;
        IsExecution = isExecution;
        Deadline = deadline;
    }

    /// <summary>Gets the file, open for reading. Opening it by its path instead would be seen by the gate, and might be another file.</summary>
    public SafeFileHandle File { get; }

    /// <summary>Gets the file's path, by the hard link and the mount that the process used. One in another mount namespace, as a container's, begins at that mount.</summary>
    /// <value>A file that has been deleted has <c> (deleted)</c> behind its path. Empty if the path cannot be told.</value>
    public string Path => field ??= HandleResolver.PathOf(File) ?? "";

    /// <summary>Gets the id of the process that waits; 0 if it is in no process namespace that this process sees.</summary>
    public int ProcessId { get; }

    /// <summary>Gets the process's name as the kernel keeps it: up to 15 bytes, which the process may choose.</summary>
    /// <value>Empty if it cannot be told.</value>
    public string ProcessName => field ??= ReadProcessName();

    /// <summary>Gets a value indicating whether the file is to be executed. Its being opened is asked for as well, in a request of its own that comes next.</summary>
    public bool IsExecution { get; }

    /// <summary>Gets the file as a content to scan, with the identity that seals and memos know it by. What is no regular file, as a device, has none.</summary>
    public ScanContent Content => field ??= TakeContent();

    /// <summary>Gets the moment by which there is an answer, in ticks of <see cref="Environment.TickCount64"/>.</summary>
    internal long Deadline { get; }

    /// <summary>Gets what is cancelled when the answer is no longer waited for.</summary>
    internal CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Gets a value indicating whether the process has its answer.</summary>
    internal bool IsAnswered => Volatile.Read(ref _isAnswered);

    /// <summary>Answers the process, unless it has its answer.</summary>
    /// <returns>Whether this was the answer.</returns>
    internal bool TryAnswer(OpenDecision decision)
    {
        // The kernel knows the request by the number of its descriptor. A worker that finds the request answered closes that, perhaps before the reader has sent the
        // answer; the number still means this request, as no other thread takes new ones from the kernel.
        if (Interlocked.Exchange(ref _isAnswered, true))
        {
            return false;
        }

        _group.Answer(_descriptor, decision);
        return true;
    }

    /// <summary>Tells the handler that its decision is no longer waited for, without running code of its own here.</summary>
    internal void Cancel()
    {
        lock (_ending)
        {
            if (!_isEnded)
            {
                _ = _cancellation.CancelAsync();
            }
        }
    }

    /// <summary>Closes the file.</summary>
    internal void End()
    {
        lock (_ending)
        {
            _isEnded = true;
        }

        File.Dispose();
    }

    private ScanContent TakeContent()
    {
        string path = Path.Length > 0 ? Path : $"/proc/self/fd/{_descriptor}";
        try
        {
            return _volumes.Take(path, File);
        }
        catch (IOException)
        {
            return new OpenedFileContent(path, File);
        }
    }

    private string ReadProcessName()
    {
        try
        {
            return System.IO.File.ReadAllText($"/proc/{ProcessId}/comm").TrimEnd('\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
