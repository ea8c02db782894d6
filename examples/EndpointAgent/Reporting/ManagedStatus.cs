using Microsoft.Extensions.Hosting;
using Symantec.Virtualization.Management.Client;
using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Has the next heartbeat tell what the agent does, and which seals and definitions are in use.</summary>
internal sealed class ManagedStatus(ManagementAgent agent, CurrentProtection protection, DefinitionsService definitions, EndpointScanner scanner) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        protection.Changed += Tell;
        definitions.Loaded += Tell;
        scanner.StateChanged += Tell;
        Tell(this, EventArgs.Empty);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        protection.Changed -= Tell;
        definitions.Loaded -= Tell;
        scanner.StateChanged -= Tell;
        return Task.CompletedTask;
    }

    private void Tell(object? sender, EventArgs e)
    {
        Protection use = protection.Use();
        try
        {
            agent.Status = new Management.Client.AgentStatus
            {
                State = scanner.IsScanning ? AgentState.Scanning : AgentState.Idle,
                Definitions = scanner.Engine.Definitions,
                Images = [.. use.Seals.Images.Select(static image => new ImageInUse(image.Seal.Id, image.Seal.ImageId.ToString()))],
            };
        }
        finally
        {
            use.Release();
        }
    }
}
