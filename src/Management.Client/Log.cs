using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Management.Client;

/// <summary>What the package logs. Event ids are never used anew.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "This machine is client {Client} now, in group {Group}.", EventName = "Enrolled")]
    public static partial void Enrolled(ILogger logger, Guid client, string group);

    [LoggerMessage(2, LogLevel.Warning, "The manager is away: {Reason}. The last policy counts, and results wait.", EventName = "ManagerAway")]
    public static partial void ManagerAway(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Information, "The policy {Tag} counts now.", EventName = "PolicyApplied")]
    public static partial void PolicyApplied(ILogger logger, string tag);

    [LoggerMessage(4, LogLevel.Error, "The manager sent a policy that is none; the last one stays: {Reason}", EventName = "PolicyRefused")]
    public static partial void PolicyRefused(ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Error, "The manager refuses a batch of results, which is put aside: {Reason}", EventName = "BatchRefused")]
    public static partial void BatchRefused(ILogger logger, string reason);

    [LoggerMessage(6, LogLevel.Warning, "This machine has the credentials of another one, as a clone has; it enrols anew.", EventName = "CredentialsOfAnother")]
    public static partial void CredentialsOfAnother(ILogger logger);

    [LoggerMessage(7, LogLevel.Error, "The policy counts, and could not be kept: after a restart the one before does, until the manager is reached.", EventName = "PolicyNotKept")]
    public static partial void PolicyNotKept(ILogger logger, Exception exception);

    [LoggerMessage(8, LogLevel.Error, "A round with the manager failed; the next one follows.", EventName = "RoundFailed")]
    public static partial void RoundFailed(ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Error, "The manager refuses this client: {Reason} The last policy counts, and results wait.", EventName = "ClientRefused")]
    public static partial void ClientRefused(ILogger logger, string reason);
}
