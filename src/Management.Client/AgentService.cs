using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Management.Client;

/// <summary>Does one round after the other, each at a moment of its own: a fleet that starts together does not ask together.</summary>
internal sealed class AgentService(ManagementAgent agent, TimeProvider time, ILogger<AgentService> logger) : BackgroundService
{
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromMinutes(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        TimeSpan usual = TimeSpan.FromSeconds(agent.Policy.HeartbeatSeconds);
        int failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                wait = usual = await agent.RunRoundAsync(stoppingToken).ConfigureAwait(false);
                failures = 0;
            }
#pragma warning disable CA1031 // An agent goes on, whatever its manager or its disk does.
            catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
            {
                switch (e)
                {
                    case ManagementClientException { Fault: ManagementClientFault.Away }:
                        Log.ManagerAway(logger, e.Message);
                        break;
                    case ManagementClientException:
                        Log.ClientRefused(logger, e.Message);
                        break;
                    default:
                        Log.RoundFailed(logger, e);
                        break;
                }

                TimeSpan backoff = usual * (1 << Math.Min(failures++, 6));
                wait = backoff < MaxBackoff ? backoff : usual > MaxBackoff ? usual : MaxBackoff;
            }

            await Task.Delay(wait * (RandomNumberGenerator.GetInt32(800, 1200) / 1000.0), time, stoppingToken).ConfigureAwait(false);
        }
    }
}
