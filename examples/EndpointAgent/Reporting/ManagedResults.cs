using System.Text.Json;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Management.Client;
using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Keeps what is to be reported until the manager has it, and sends it soon.</summary>
internal sealed class ManagedResults(ManagementAgent agent, ILogger<ManagedResults> logger) : IResultSink
{
    private readonly Lock _lock = new();
    private bool _isSending;
    private bool _hasMore;

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

        lock (_lock)
        {
            _hasMore = true;
            if (_isSending)
            {
                return;
            }

            _isSending = true;
        }

        _ = SendAsync();
    }

    /// <summary>Does rounds out of turn, one at a time, until nothing was reported since the last began; what fails is done by the next in turn.</summary>
    private async Task SendAsync()
    {
        bool isReached = true;
        while (BeginRound(isReached))
        {
            try
            {
                await agent.RunRoundAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is ManagementClientException or IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                Log.ManagerUnreachable(logger, e.Message);
                isReached = false;
            }
        }
    }

    private bool BeginRound(bool isReached)
    {
        lock (_lock)
        {
            _isSending = _hasMore && isReached;
            _hasMore = false;
            return _isSending;
        }
    }
}
