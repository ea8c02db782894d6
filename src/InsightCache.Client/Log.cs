using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>What the package logs. Event ids are never used anew.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The insight cache gives no answers ({Fault}): {Reason} Contents are scanned until it does.", EventName = "LookupsFail")]
    public static partial void LookupsFail(ILogger logger, InsightCacheFault fault, string reason);

    [LoggerMessage(2, LogLevel.Information, "The insight cache answers again.", EventName = "LookupsWork")]
    public static partial void LookupsWork(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "{Count} votes did not reach the insight cache ({Fault}): {Reason}", EventName = "VotesLost")]
    public static partial void VotesLost(ILogger logger, int count, InsightCacheFault fault, string reason);

    [LoggerMessage(4, LogLevel.Warning, "A content that was voted clean is infected: {Hash}, {Threat}. It is reported.", EventName = "AuditDisagreed")]
    public static partial void AuditDisagreed(ILogger logger, string hash, string threat);

    [LoggerMessage(5, LogLevel.Information, "The insight cache did not know definitions {Version} of {Engine}; they were reported: {Report}.", EventName = "DefinitionsReported")]
    public static partial void DefinitionsReported(ILogger logger, string version, string engine, string report);

    [LoggerMessage(6, LogLevel.Information, "{Count} contents were recalled; what was remembered of them is forgotten.", EventName = "ContentsRecalled")]
    public static partial void ContentsRecalled(ILogger logger, int count);

    [LoggerMessage(7, LogLevel.Information, "Everything that was remembered of the insight cache is forgotten, since not all recalls are known.", EventName = "EverythingForgotten")]
    public static partial void EverythingForgotten(ILogger logger);

    [LoggerMessage(8, LogLevel.Warning, "Credentials are shown to {Host} without encryption; whoever listens can vote with them.", EventName = "CredentialsInClear")]
    public static partial void CredentialsInClear(ILogger logger, string host);

    [LoggerMessage(9, LogLevel.Debug, "The end of the scan did not wait any longer for votes to be sent.", EventName = "EndDidNotWait")]
    public static partial void EndDidNotWait(ILogger logger);

    [LoggerMessage(10, LogLevel.Error, "Votes could not be sent, or their arrival not be noted; later ones are sent.", EventName = "SendingFailed")]
    public static partial void SendingFailed(ILogger logger, Exception exception);
}
