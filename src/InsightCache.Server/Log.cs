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

    [LoggerMessage(21, LogLevel.Warning, "The shared log {Name} cannot be reached: votes count at this server only, and none at all once it is too far behind.", EventName = "SharedLogIsAway")]
    public static partial void SharedLogIsAway(ILogger logger, string name, Exception exception);

    [LoggerMessage(22, LogLevel.Information, "The shared log {Name} is back, and this server has caught up.", EventName = "SharedLogIsBack")]
    public static partial void SharedLogIsBack(ILogger logger, string name);

    [LoggerMessage(23, LogLevel.Warning, "The shared log {Name} no longer holds what this server has written: it was lost or replaced, and is read from its beginning. Recalls and definitions are put back.", EventName = "SharedLogWasLost")]
    public static partial void SharedLogWasLost(ILogger logger, string name);

    [LoggerMessage(24, LogLevel.Warning, "Entries of server {Server:x32} are missing from the shared log {Name}: it was cut before they were read, or somebody took them away. Recalls are compared; votes are lost, which costs scans.", EventName = "EntriesAreMissing")]
    public static partial void EntriesAreMissing(ILogger logger, string name, UInt128 server);

    [LoggerMessage(25, LogLevel.Warning, "An entry of the shared log {Name} is refused: {Reason}; so were {Count} since the start.", EventName = "EntryRefused")]
    public static partial void EntryRefused(ILogger logger, string name, Refusal reason, long count);

    [LoggerMessage(26, LogLevel.Warning, "The second level does not answer in time, and is not asked for {Seconds} s: what is not in memory is unknown.", EventName = "SecondLevelIsAway")]
    public static partial void SecondLevelIsAway(ILogger logger, double seconds);
}
