using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.ImageException;

/// <summary>What the package logs. Event ids are never used anew.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Sealed file changed: {Location}, entry {Entry}; its mark was removed: {Removed}.", EventName = "SealedFileChanged")]
    public static partial void SealedFileChanged(ILogger logger, string location, int entry, bool removed);

    [LoggerMessage(2, LogLevel.Warning, "The mark of changed file {Location} could not be removed: {Reason}", EventName = "MarkNotRemoved")]
    public static partial void MarkNotRemoved(ILogger logger, string location, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Changes below {Root} may have been missed ({Reason}): nothing that is sealed is believed until it is checked.", EventName = "SealSuspended")]
    public static partial void SealSuspended(ILogger logger, string root, string reason);

    [LoggerMessage(4, LogLevel.Information, "Everything below {Root} was checked: {Files} files, {Changed} of them changed. The seal counts again.", EventName = "SealResumed")]
    public static partial void SealResumed(ILogger logger, string root, long files, long changed);

    [LoggerMessage(5, LogLevel.Error, "Changes below {Root} cannot be watched; the seal does not count until they can.", EventName = "GuardFailed")]
    public static partial void GuardFailed(ILogger logger, string root, Exception exception);
}
