using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>What the package logs. Event ids are never used anew.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Changes under {Root} come from {Mechanism}.", EventName = "SourceOpened")]
    public static partial void SourceOpened(ILogger logger, string root, string mechanism);

    [LoggerMessage(2, LogLevel.Warning, "Changes under {Root} cannot come from fanotify; a watcher sees less.", EventName = "FanotifyRefused")]
    public static partial void FanotifyRefused(ILogger logger, string root, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "More changed than {Capacity} events tell; nothing is to be trusted until it is checked.", EventName = "ChangesLost")]
    public static partial void ChangesLost(ILogger logger, int capacity);

    [LoggerMessage(4, LogLevel.Error, "Changes under {Root} are no longer told.", EventName = "SourceFailed")]
    public static partial void SourceFailed(ILogger logger, string root, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "No decision on {Path}, opened by process {ProcessId}: the handler failed. Answer: {Decision}.", EventName = "DecisionFailed")]
    public static partial void DecisionFailed(ILogger logger, string path, int processId, OpenDecision decision, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "No decision on a file opened by process {ProcessId} within {Timeout}. Answer: {Decision}.", EventName = "DecisionTimedOut")]
    public static partial void DecisionTimedOut(ILogger logger, int processId, TimeSpan timeout, OpenDecision decision);

    [LoggerMessage(7, LogLevel.Warning, "No decision on a file opened by process {ProcessId}: {Capacity} others wait. Answer: {Decision}.", EventName = "DecisionsQueuedUp")]
    public static partial void DecisionsQueuedUp(ILogger logger, int processId, int capacity, OpenDecision decision);

    [LoggerMessage(8, LogLevel.Error, "The gate of {Path} no longer guards.", EventName = "GateFailed")]
    public static partial void GateFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(9, LogLevel.Warning, "The kernel could not hand over a file that is being opened (error {Error}); it denied the open.", EventName = "OpenNotHandedOver")]
    public static partial void OpenNotHandedOver(ILogger logger, int error);

    [LoggerMessage(10, LogLevel.Warning, "Handlers still run {Timeout} after the gate of {Path} was disposed; they are left alone.", EventName = "HandlersLeft")]
    public static partial void HandlersLeft(ILogger logger, string path, TimeSpan timeout);
}
