using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>The policy that the agent follows now. Safe for concurrent use.</summary>
internal sealed class PolicyInForce(CurrentProtection protection)
{
    private readonly Lock _following = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets the policy; before there is one, the defaults: everything is scanned, nothing by itself.</summary>
    public PolicyDocument Current { get; private set; } = new();

    /// <summary>Gets the policy's tag, as the manager knows it.</summary>
    public string? Tag { get; private set; }

    /// <summary>Gets or sets what the manager calls this client.</summary>
    public Guid? ClientId { get; set; }

    /// <summary>Follows a policy from now on.</summary>
    public void Follow(PolicyDocument policy, string? tag)
    {
        lock (_following)
        {
            if (Tag == tag && Current == policy)
            {
                return;
            }

            protection.Follow(policy.Scan, policy.Name.Length > 0 ? policy.Name : tag ?? "unnamed");
            TaskCompletionSource changed;
            lock (_lock)
            {
                (Current, Tag) = (policy, tag);
                changed = _changed;
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            changed.SetResult();
        }
    }

    /// <summary>Waits for another policy, but not longer than some time.</summary>
    public async Task WaitForChangeAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        Task changed;
        lock (_lock)
        {
            changed = _changed.Task;
        }

        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(atMost, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
