using System.Text.Json;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Management.Client;
using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Keeps what is to be reported until the manager has it, and sends it soon.</summary>
internal sealed class ManagedResults(ManagementAgent agent, ILogger<ManagedResults> logger) : IResultSink
{
    private int _isSending;

    public void Report(ResultBatch batch)
    {
        try
        {
            agent.Spool.Add(batch.Scans, batch.Detections, batch.Savings);
        }
        catch (Exception e) when (e is SpoolFullException or JsonException)
        {
            Log.ResultNotKept(logger, e.Message);
        }

        if (Interlocked.Exchange(ref _isSending, 1) == 0)
        {
            _ = SendAsync();
        }
    }

    /// <summary>Does a round out of turn; what fails is done by the next in turn.</summary>
    private async Task SendAsync()
    {
        try
        {
            // Whatever is reported from here on starts a round of its own.
            Interlocked.Exchange(ref _isSending, 0);
            await agent.RunRoundAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is ManagementClientException or IOException or ObjectDisposedException)
        {
            Log.ManagerUnreachable(logger, e.Message);
        }
    }
}
