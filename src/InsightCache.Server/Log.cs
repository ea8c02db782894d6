using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What the package logs. Event ids are never used anew.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "{Count} recalls are in memory only, since the disk does not take them; they are tried again.", EventName = "RecallNotWritten")]
    public static partial void RecallNotWritten(ILogger logger, int count, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "OpenVoting is on: anyone who reaches this server can have malware skipped by every client.", EventName = "OpenVotingIsOn")]
    public static partial void OpenVotingIsOn(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "No DataFolder is set: verdicts and recalls end with this process.", EventName = "NothingIsKept")]
    public static partial void NothingIsKept(ILogger logger);

    [LoggerMessage(4, LogLevel.Information, "Lane {Lane} has definitions {Version} (sequence {Sequence}) now.", EventName = "DefinitionsLearnt")]
    public static partial void DefinitionsLearnt(ILogger logger, string lane, string version, long sequence);

    [LoggerMessage(5, LogLevel.Warning, "Content {Hash} is suspended or recalled: {Threat}.", EventName = "ContentRecalled")]
    public static partial void ContentRecalled(ILogger logger, string hash, string threat);

    [LoggerMessage(6, LogLevel.Error, "The log of who voted and who relied cannot be written; what is not written cannot be told later.", EventName = "LogNotWritten")]
    public static partial void LogNotWritten(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "Everything that {Client} has voted was retracted: {Count} contents.", EventName = "VotesRetracted")]
    public static partial void VotesRetracted(ILogger logger, string client, long count);

    [LoggerMessage(8, LogLevel.Information, "{Count} verdicts were read back from the snapshot of {Created}.", EventName = "SnapshotRestored")]
    public static partial void SnapshotRestored(ILogger logger, long count, DateTimeOffset created);

    [LoggerMessage(9, LogLevel.Warning, "The snapshot is refused, and the cache starts empty: {Reason}", EventName = "SnapshotRefused")]
    public static partial void SnapshotRefused(ILogger logger, string reason);

    [LoggerMessage(10, LogLevel.Error, "No snapshot could be written; the one before stands.", EventName = "SnapshotFailed")]
    public static partial void SnapshotFailed(ILogger logger, Exception exception);

    [LoggerMessage(11, LogLevel.Information, "{Count} verdicts of a bundle signed by {Signer} were taken over, {Skipped} were not.", EventName = "BundleImported")]
    public static partial void BundleImported(ILogger logger, long count, long skipped, string signer);
}
