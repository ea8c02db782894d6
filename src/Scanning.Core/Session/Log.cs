using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>What the package logs. Event ids are never used anew.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Exemption {Exemption} failed to answer; {Count} contents are scanned.", EventName = "ExemptionFailed")]
    public static partial void ExemptionFailed(ILogger logger, string exemption, int count, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "Exemption {Exemption} answered {Answers} of {Count} questions; all are scanned.", EventName = "ExemptionAnsweredWrongly")]
    public static partial void ExemptionAnsweredWrongly(ILogger logger, string exemption, int answers, int count);

    [LoggerMessage(3, LogLevel.Warning, "Exemption {Exemption} could not be told of {Count} results.", EventName = "ExemptionNotTold")]
    public static partial void ExemptionNotTold(ILogger logger, string exemption, int count, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "Engine {Engine} failed on {Location}.", EventName = "EngineFailed")]
    public static partial void EngineFailed(ILogger logger, string engine, string location, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "The memo of hashes failed; the file is read.", EventName = "MemoFailed")]
    public static partial void MemoFailed(ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "The progress could not be told.", EventName = "ProgressFailed")]
    public static partial void ProgressFailed(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "Exemption {Exemption} could not be told that the scan is over.", EventName = "ExemptionNotEnded")]
    public static partial void ExemptionNotEnded(ILogger logger, string exemption, Exception exception);

    [LoggerMessage(8, LogLevel.Warning, "The memo of hashes is begun anew: {Reason}", EventName = "MemoRefused")]
    public static partial void MemoRefused(ILogger logger, string reason);

    [LoggerMessage(9, LogLevel.Warning, "The memo of hashes could not be saved; the one before stands.", EventName = "MemoNotSaved")]
    public static partial void MemoNotSaved(ILogger logger, Exception exception);
}
