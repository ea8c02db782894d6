using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>The protection in force. Safe for concurrent use.</summary>
internal sealed class CurrentProtection(AgentOptions options, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Lock _replacing = new();
    private readonly ILogger _logger = loggers.CreateLogger<CurrentProtection>();
    private readonly List<Task> _closing = [];
    private string _seen = SealSet.Look(options.Seals);
    private Protection _current = Protection.Open(new ScanPolicy(), options, before: null, time, loggers);

    /// <summary>Tells that another protection is in force.</summary>
    public event EventHandler? Changed;

    /// <summary>Takes the protection in force; whoever takes it releases it.</summary>
    public Protection Use()
    {
        lock (_lock)
        {
            return _current.TryUse() ? _current : throw new ObjectDisposedException(nameof(CurrentProtection));
        }
    }

    /// <summary>Puts a policy in force. Scans that run end under the one that they began with.</summary>
    public void Follow(ScanPolicy policy, string name)
    {
        Replace(_ => policy);
        Log.PolicyInForce(
            _logger, PrintableText.Escape(name), policy.VirtualImages.AutoProtect, policy.VirtualImages.OnDemand, policy.InsightCache.Enabled ? $"{policy.InsightCache.Address}" : "none");
    }

    /// <summary>Opens the seals anew, if one of them is not what it was: the image was sealed again after a patch, or its seal was removed.</summary>
    public void RefreshSeals()
    {
        if (SealSet.Look(options.Seals) != Volatile.Read(ref _seen))
        {
            Replace(static policy => policy);
        }
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

    private void Replace(Func<ScanPolicy, ScanPolicy> policyAfter)
    {
        lock (_replacing)
        {
            // Looked at before they are opened: what changes in between is seen the next time.
            string seen = SealSet.Look(options.Seals);
            Protection next = Protection.Open(policyAfter(_current.Policy), options, _current, time, loggers);
            Volatile.Write(ref _seen, seen);
            lock (_lock)
            {
                _closing.RemoveAll(static task => task.IsCompleted);
                _closing.Add(_current.DisposeAsync().AsTask());
                _current = next;
            }
        }

        Changed?.Invoke(this, EventArgs.Empty);
    }
}
