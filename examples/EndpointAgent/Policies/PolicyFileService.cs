using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>The policy of an unmanaged agent, from a file: the document that a manager would send. A file that is wrong leaves the policy as it was.</summary>
internal sealed class PolicyFileService(AgentOptions options, PolicyInForce policy, TimeProvider time, ILogger<PolicyFileService> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private DateTime _seen;

    /// <summary>Reads the file, if it changed since it was read.</summary>
    public void Refresh()
    {
        if (options.PolicyFile is not { } path)
        {
            return;
        }

        try
        {
            DateTime written = File.GetLastWriteTimeUtc(path);
            if (written == _seen)
            {
                return;
            }

            _seen = written;
            policy.Follow(PolicyDocument.Parse(File.ReadAllBytes(path)), tag: null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            Log.PolicyRefused(logger, path, e.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            Refresh();
        }
    }
}
