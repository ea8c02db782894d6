using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.OnAccess;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Stands before every opening of a file on the guarded mounts: scans it, unless the policy lets seals count for Auto-Protect and it is sealed. The cache is never asked.</summary>
internal sealed class AutoProtectService(
    AgentOptions options, IScanEngine engine, CurrentProtection protection, DetectionOutbox outbox, TimeProvider time, ILoggerFactory loggers) : IHostedService
{
    private readonly List<OpenPermissionGate> _gates = [];
    private readonly ILogger _logger = loggers.CreateLogger<AutoProtectService>();
    private long _exempt;
    private long _scanned;

    /// <summary>Gets how many openings needed no scan.</summary>
    public long Exempt => Interlocked.Read(ref _exempt);

    /// <summary>Gets how many openings were scanned.</summary>
    public long Scanned => Interlocked.Read(ref _scanned);

    /// <summary>Guards the mounts from here on: an agent that says it is ready has its gates closed.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (string path in options.AutoProtect)
        {
            try
            {
                OpenPermissionOptions gate = new() { DecisionTimeout = TimeSpan.FromSeconds(options.AutoProtectSeconds) };
                _gates.Add(OpenPermissionGate.Open(path, DecideAsync, gate, loggers.CreateLogger<OpenPermissionGate>()));
                Log.Guarding(_logger, path);
                _ = WatchAsync(path, _gates[^1].Completion);
            }
            catch (Exception e) when (e is IOException or OnAccessException or PlatformNotSupportedException)
            {
                Log.NotGuarding(_logger, path, e);
            }
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (OpenPermissionGate gate in _gates)
        {
            await gate.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task WatchAsync(string path, Task completion)
    {
        await completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (completion.Exception is { } failure)
        {
            Log.NotGuarding(_logger, path, failure.GetBaseException());
        }
    }

    private ValueTask<OpenDecision> DecideAsync(OpenRequest request, CancellationToken cancellationToken)
    {
        Protection use = protection.Use();
        try
        {
            ScanContent content = request.Content;
            if (use.Policy.VirtualImages.Covers(ScanTrigger.AutoProtect)
                && content.Identity is { } identity
                && use.Seals.Images.Any(image => image.Decide(identity) == ImageException.SealDecision.Unchanged))
            {
                Interlocked.Increment(ref _exempt);
                return ValueTask.FromResult(OpenDecision.Allow);
            }

            EngineVerdict verdict = engine.Scan(content, hash: null, cancellationToken);
            Interlocked.Increment(ref _scanned);
            if (verdict.Verdict.Kind != VerdictKind.Infected)
            {
                return ValueTask.FromResult(OpenDecision.Allow);
            }

            Log.Denied(_logger, PrintableText.Escape(content.Location), PrintableText.Escape(request.ProcessName), verdict.Verdict.Detail);
            outbox.Add(new Detection(time.GetUtcNow(), ScanTrigger.AutoProtect, content.Location, verdict.Verdict.Detail, Hash: null, IsDenied: true));
            return ValueTask.FromResult(OpenDecision.Deny);
        }
        finally
        {
            use.Release();
        }
    }
}
