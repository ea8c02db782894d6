using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>What the package logs. Event ids are never used anew.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "libclamav: {Message}", EventName = "LibraryInformed")]
    public static partial void LibraryInformed(ILogger logger, string message);

    [LoggerMessage(2, LogLevel.Warning, "libclamav: {Message}", EventName = "LibraryWarned")]
    public static partial void LibraryWarned(ILogger logger, string message);

    [LoggerMessage(3, LogLevel.Error, "libclamav: {Message}", EventName = "LibraryErred")]
    public static partial void LibraryErred(ILogger logger, string message);

    [LoggerMessage(4, LogLevel.Information, "{Engine} scans with definitions {Version}.", EventName = "DefinitionsLoaded")]
    public static partial void DefinitionsLoaded(ILogger logger, string engine, string version);

    [LoggerMessage(5, LogLevel.Error, "The changed definitions cannot be loaded; the older ones stay in use.", EventName = "ReloadFailed")]
    public static partial void ReloadFailed(ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "clamd at {EndPoint} did not answer, attempt {Attempt} of {Attempts}.", EventName = "ClamdFailed")]
    public static partial void ClamdFailed(ILogger logger, string endPoint, int attempt, int attempts, Exception exception);

    [LoggerMessage(7, LogLevel.Error, "clamd at {EndPoint}: {Why}", EventName = "ClamdIsSilent")]
    public static partial void ClamdIsSilent(ILogger logger, string endPoint, string why);

    [LoggerMessage(8, LogLevel.Error, "The worker process {Id} ended during a scan.", EventName = "WorkerDied")]
    public static partial void WorkerDied(ILogger logger, int id, Exception exception);
}
