using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>The protection in force. Safe for concurrent use.</summary>
internal sealed class CurrentProtection(AgentOptions options, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly ILogger _logger = loggers.CreateLogger<CurrentProtection>();
    private readonly List<Task> _closing = [];
    private Protection _current = Protection.Open(new ScanPolicy(), options, time, loggers);

    /// <summary>Takes the protection in force; whoever takes it releases it.</summary>
    public Protection Use()
    {
        lock (_lock)
        {
            return _current.TryUse() ? _current : throw new ObjectDisposedException(nameof(CurrentProtection));
        }
    }

    /// <summary>Tells whether a protection is the one in force.</summary>
    public bool IsCurrent(Protection use)
    {
        lock (_lock)
        {
            return _current == use;
        }
    }

    /// <summary>Puts a policy in force. Scans that run end under the one that they began with.</summary>
    public void Follow(ScanPolicy policy, string name)
    {
        Protection next = Protection.Open(policy, options, time, loggers);
        lock (_lock)
        {
            _closing.RemoveAll(static task => task.IsCompleted);
            _closing.Add(_current.DisposeAsync().AsTask());
            _current = next;
        }

        Log.PolicyInForce(
            _logger, PrintableText.Escape(name), policy.VirtualImages.AutoProtect, policy.VirtualImages.OnDemand, policy.InsightCache.Enabled ? $"{policy.InsightCache.Address}" : "none");
    }

    public async ValueTask DisposeAsync()
    {
        Task[] closing;
        lock (_lock)
        {
            closing = [.. _closing, _current.DisposeAsync().AsTask()];
        }

        await Task.WhenAll(closing).ConfigureAwait(false);
    }
}
