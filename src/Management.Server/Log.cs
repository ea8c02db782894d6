using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Management.Server;

/// <summary>What the package logs. Event ids are never used anew.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Client {Client} looks like another one ({Other}): {Standing}.", EventName = "MachineIsKnown")]
    public static partial void MachineIsKnown(ILogger logger, Guid client, ClientStanding standing, Guid other);

    [LoggerMessage(2, LogLevel.Information, "{Count} clients were silent for too long and are forgotten.", EventName = "ClientsForgotten")]
    public static partial void ClientsForgotten(ILogger logger, int count);

    [LoggerMessage(3, LogLevel.Error, "What is too old could not be cleared away; it is tried again in an hour.", EventName = "HousekeepingFailed")]
    public static partial void HousekeepingFailed(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "Sign-in as {Name} from {Address} was refused.", EventName = "SignInRefused")]
    public static partial void SignInRefused(ILogger logger, string name, string address);

    [LoggerMessage(5, LogLevel.Warning, "The account {Name} is locked until {Until}.", EventName = "AccountLocked")]
    public static partial void AccountLocked(ILogger logger, string name, DateTimeOffset until);

    [LoggerMessage(6, LogLevel.Error, "A request to {Path} failed.", EventName = "RequestFailed")]
    public static partial void RequestFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "The administrator {Name} was made, with a one-time password.", EventName = "FirstAdministrator")]
    public static partial void FirstAdministrator(ILogger logger, string name);
}
