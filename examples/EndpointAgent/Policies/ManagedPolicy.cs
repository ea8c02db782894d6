using Microsoft.Extensions.Hosting;
using Symantec.Virtualization.Management.Client;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Follows the manager's policy: the last one that came, from the first moment on. Tells the manager which seals and definitions are in use.</summary>
internal sealed class ManagedPolicy(ManagementAgent agent, PolicyInForce policy, CurrentProtection protection, IScanEngine engine) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        agent.PolicyChanged += Follow;
        Follow(this, agent.Policy);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        agent.PolicyChanged -= Follow;
        return Task.CompletedTask;
    }

    private void Follow(object? sender, PolicyDocument document)
    {
        policy.ClientId = agent.ClientId ?? policy.ClientId;
        policy.Follow(document, tag: null);
        Protection use = protection.Use();
        try
        {
            agent.Status = new Management.Client.AgentStatus
            {
                State = AgentState.Idle,
                Definitions = engine.Definitions,
                Images = [.. use.Seals.Images.Select(static image => new ImageInUse(image.Seal.Id, image.Seal.ImageId.ToString()))],
            };
        }
        finally
        {
            use.Release();
        }
    }
}
