using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>A call of libclamav that is under way on this thread: what its callbacks are told lands here.</summary>
/// <remarks>libclamav starts no threads of its own, so a callback always comes on the thread of the call; its own context is not handed to all of them.</remarks>
internal class NativeCall : IDisposable
{
    private const int WarningSeverity = 64;
    private const int ErrorSeverity = 128;

    [ThreadStatic]
    private static NativeCall? _current;

    private readonly ILogger _logger;

    /// <summary>Begins a call on this thread.</summary>
    /// <param name="logger">Where libclamav's messages go.</param>
    public NativeCall(ILogger logger)
    {
        _logger = logger;
        _current = this;
    }

    /// <summary>Gets the call of this thread; <see langword="null"/> if there is none.</summary>
    public static NativeCall? Current => _current;

    /// <summary>Gets the last error that libclamav told of; its codes alone name no file and no line.</summary>
    public string? LastError { get; private set; }

    /// <summary>Takes a message.</summary>
    public virtual void OnMessage(int severity, string message)
    {
        switch (severity)
        {
            case >= ErrorSeverity:
                LastError = message;
                Log.LibraryErred(_logger, message);
                break;
            case >= WarningSeverity:
                Log.LibraryWarned(_logger, message);
                break;
            default:
                Log.LibraryInformed(_logger, message);
                break;
        }
    }

    /// <summary>Ends the call.</summary>
    public void Dispose() => _current = null;
}
