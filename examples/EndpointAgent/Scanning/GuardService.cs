using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.ImageException;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Guards the marks of the seals that count, whichever those are under the policy in force.</summary>
internal sealed class GuardService(AgentOptions options, CurrentProtection protection, TimeProvider time, ILoggerFactory loggers) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (options.GuardMarks && !stoppingToken.IsCancellationRequested)
        {
            Protection use = protection.Use();
            List<MarkGuard> guards = [];
            try
            {
                foreach ((string root, SealedImage image) in use.Seals.ByRoot)
                {
                    guards.Add(new MarkGuard([image], new MarkGuardOptions { Root = root }, time, loggers.CreateLogger<MarkGuard>()));
                    await guards[^1].StartAsync(stoppingToken).ConfigureAwait(false);
                }

                await use.Replaced.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                foreach (MarkGuard guard in guards)
                {
                    await guard.StopAsync(CancellationToken.None).ConfigureAwait(false);
                    guard.Dispose();
                }

                use.Release();
            }
        }
    }
}
