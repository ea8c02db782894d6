using Microsoft.Extensions.Hosting;
using Symantec.Virtualization.Management.Client;
using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Follows the manager's policy: the last one that came, from the first moment on.</summary>
internal sealed class ManagedPolicy(ManagementAgent agent, PolicyInForce policy) : IHostedService
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
    }
}
