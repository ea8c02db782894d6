using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>What the agent logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Seal {Path} counts: {Seal}, number {Number}, {Count} files.")]
    public static partial void SealOpened(ILogger logger, string path, Guid seal, long number, int count);

    [LoggerMessage(2, LogLevel.Warning, "Seal {Path} does not count, its files are scanned: {Reason}")]
    public static partial void SealRefused(ILogger logger, string path, string reason);

    [LoggerMessage(3, LogLevel.Information, "Policy in force: {Policy}. Virtual images: Auto-Protect {AutoProtect}, on demand {OnDemand}. Shared Insight Cache: {Cache}.")]
    public static partial void PolicyInForce(ILogger logger, string policy, bool autoProtect, bool onDemand, string cache);

    [LoggerMessage(4, LogLevel.Error, "The Shared Insight Cache of the policy cannot be asked, everything is scanned: {Reason}")]
    public static partial void CacheRefused(ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Infected: {Location}: {Threat} ({Trigger}).")]
    public static partial void Infected(ILogger logger, string location, string threat, string trigger);

    [LoggerMessage(6, LogLevel.Information, "Scan ({Trigger}) of {Target}: {Contents} contents, {Infected} infected, {Skipped} skipped, {Problems} problems, {Seconds:F1} s.")]
    public static partial void Scanned(ILogger logger, string trigger, string target, long contents, long infected, long skipped, long problems, double seconds);

    [LoggerMessage(7, LogLevel.Information, "Auto-Protect guards {Path}.")]
    public static partial void Guarding(ILogger logger, string path);

    [LoggerMessage(8, LogLevel.Error, "Auto-Protect does not guard {Path}: its files open unscanned.")]
    public static partial void NotGuarding(ILogger logger, string path, Exception exception);

    [LoggerMessage(9, LogLevel.Warning, "Opening {Path} was denied to {Process}: {Threat}.")]
    public static partial void Denied(ILogger logger, string path, string process, string threat);

    [LoggerMessage(10, LogLevel.Error, "Scan of {Target} ended early.")]
    public static partial void ScanFailed(ILogger logger, string target, Exception exception);

    [LoggerMessage(11, LogLevel.Information, "Next start of schedule {Schedule}: {Time}.")]
    public static partial void NextStart(ILogger logger, string schedule, DateTimeOffset time);

    [LoggerMessage(12, LogLevel.Warning, "Scan {Schedule} of {Time} was missed, and is not made up for.")]
    public static partial void ScanMissed(ILogger logger, string schedule, DateTimeOffset time);

    [LoggerMessage(13, LogLevel.Warning, "The manager cannot be reached; the agent goes on with its last policy: {Reason}")]
    public static partial void ManagerUnreachable(ILogger logger, string reason);

    [LoggerMessage(14, LogLevel.Error, "The policy file {Path} is not followed: {Reason}")]
    public static partial void PolicyRefused(ILogger logger, string path, string reason);

    [LoggerMessage(15, LogLevel.Information, "Definitions in use: {Version}, {Count} signatures.")]
    public static partial void DefinitionsLoaded(ILogger logger, string version, long count);

    [LoggerMessage(16, LogLevel.Warning, "The definitions in {Folder} cannot be used, those before stay: {Reason}")]
    public static partial void DefinitionsNotLoaded(ILogger logger, string folder, string reason);

    [LoggerMessage(17, LogLevel.Warning, "Scan {Schedule} was ended after {Minutes} minutes, as the policy says.")]
    public static partial void ScanOverTime(ILogger logger, string schedule, int minutes);

    [LoggerMessage(19, LogLevel.Error, "A result could not be kept for the manager: {Reason}")]
    public static partial void ResultNotKept(ILogger logger, string reason);

    [LoggerMessage(20, LogLevel.Debug, "A command ended early: {Reason}")]
    public static partial void ControlEnded(ILogger logger, string reason);

    [LoggerMessage(22, LogLevel.Warning, "A command could not be taken: {Reason}")]
    public static partial void ControlFailed(ILogger logger, string reason);

    [LoggerMessage(21, LogLevel.Information, "The agent is ready.")]
    public static partial void Ready(ILogger logger);
}
