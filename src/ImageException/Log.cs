using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.ImageException;

/// <summary>What the package logs. Event ids are never used anew.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Sealed file changed: {Location}, entry {Entry}; its mark was removed: {Removed}.", EventName = "SealedFileChanged")]
    public static partial void SealedFileChanged(ILogger logger, string location, int entry, bool removed);

    [LoggerMessage(2, LogLevel.Warning, "The mark of changed file {Location} could not be removed: {Reason}", EventName = "MarkNotRemoved")]
    public static partial void MarkNotRemoved(ILogger logger, string location, string reason);
}
