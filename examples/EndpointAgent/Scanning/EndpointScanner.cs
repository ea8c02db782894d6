using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>What a scan of this machine came to.</summary>
/// <param name="Started">When it started.</param>
/// <param name="Trigger">Why it ran.</param>
/// <param name="Target">What was scanned.</param>
/// <param name="Definitions">With which definitions.</param>
/// <param name="Summary">Its sums.</param>
/// <param name="Detections">What was found.</param>
/// <param name="Savings">What was skipped, and by whom.</param>
internal sealed record EndpointScan(
    DateTimeOffset Started,
    ScanTrigger Trigger,
    string Target,
    DefinitionSet Definitions,
    ScanSummary Summary,
    IReadOnlyList<ScanResult> Detections,
    IReadOnlyList<Saving> Savings);

/// <summary>What was skipped on somebody's word.</summary>
/// <param name="By">The exemption.</param>
/// <param name="Seal">The seal, if it was one.</param>
/// <param name="Contents">How many contents.</param>
/// <param name="Bytes">How many bytes are stored for them.</param>
internal sealed record Saving(string By, SealName? Seal, long Contents, long Bytes);

/// <summary>What names a seal, after it is closed as well.</summary>
internal sealed record SealName(Guid Id, Guid ImageId);

/// <summary>Scans folders of this machine under the policy in force. One scan at a time.</summary>
internal sealed class EndpointScanner(IScanEngine engine, CurrentProtection protection, IHashMemo memo, TimeProvider time, ILoggerFactory loggers) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ILogger _logger = loggers.CreateLogger<EndpointScanner>();

    /// <summary>Tells that a scan starts or has ended.</summary>
    public event EventHandler? StateChanged;

    public IScanEngine Engine => engine;

    public bool IsScanning { get; private set; }

    /// <summary>Scans some folders or files.</summary>
    /// <returns>What it came to; of a scan that was ended, what it came to until then.</returns>
    /// <exception cref="OperationCanceledException">The scan was ended before it began.</exception>
    public async Task<EndpointScan> ScanAsync(
        IReadOnlyList<string> roots, ScanTrigger trigger, string target, IEnumerable<IScanReport>? reports = null, CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Tell(isScanning: true);
            protection.RefreshSeals();
            Protection use = protection.Use();
            try
            {
                return await ScanAsync(use, roots, trigger, target, reports ?? [], cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                use.Release();
            }
        }
        finally
        {
            Tell(isScanning: false);
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<EndpointScan> ScanAsync(
        Protection use, IReadOnlyList<string> roots, ScanTrigger trigger, string target, IEnumerable<IScanReport> reports, CancellationToken cancellationToken)
    {
        DateTimeOffset started = time.GetUtcNow();
        Findings findings = new(_logger, trigger, use.Seals.Images);
        ScanSessionOptions session = new() { Trigger = trigger, Policy = use.Policy, HashMemo = memo, Reports = { findings } };
        foreach (IScanReport report in reports)
        {
            session.Reports.Add(report);
        }

        foreach (IScanExemption exemption in use.Exemptions(loggers))
        {
            session.Exemptions.Add(exemption);
        }

        IScanSource[] sources = [.. roots.Select(static root => new LiveFileSource(root, new LiveFileOptions { CrossVolumes = true }))];
        try
        {
            await new ScanSession(engine, session, time, loggers.CreateLogger<ScanSession>()).RunAsync(sources, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (findings.Summary is not null)
        {
            // What was found until then was found.
        }

        ScanSummary summary = findings.Summary!;
        Log.Scanned(_logger, $"{trigger}", PrintableText.Escape(target), summary.Contents, summary.Infected, summary.Skipped, summary.Problems, summary.Elapsed.TotalSeconds);
        return new EndpointScan(started, trigger, target, engine.Definitions, summary, findings.Infected, findings.Savings);
    }

    private void Tell(bool isScanning)
    {
        IsScanning = isScanning;
        StateChanged?.Invoke(this, EventArgs.Empty);
    }
}
