using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Scans contents: enumerate, exempt by identity, hash, exempt by content, engine, tell the exemptions, report.</summary>
/// <remarks>
/// <para>The stages overlap, each as wide as <see cref="ScanSessionOptions.MaxConcurrency"/> allows, with bounded queues between them: memory does not
/// grow with the number or the size of contents. The order of results is not promised.</para>
/// <para>A session may run several scans one after the other, and scans of different sessions may run at once.</para>
/// </remarks>
public sealed class ScanSession
{
    private readonly IScanEngine _engine;
    private readonly ScanSessionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ScanMetrics? _metrics;

    /// <summary>Initializes a new instance of the <see cref="ScanSession"/> class.</summary>
    /// <param name="engine">What scans.</param>
    /// <param name="options">How; the defaults if <see langword="null"/>.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    /// <param name="logger">Where exemptions that fail are logged.</param>
    /// <param name="meters">Where measurements go.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ScanSession(
        IScanEngine engine,
        ScanSessionOptions? options = null,
        TimeProvider? time = null,
        ILogger<ScanSession>? logger = null,
        IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        _engine = engine;
        _options = options ?? new ScanSessionOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxConcurrency, 1, nameof(ScanSessionOptions.MaxConcurrency));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            _options.MaxConcurrency, ScanSessionOptions.MaxMaxConcurrency, nameof(ScanSessionOptions.MaxConcurrency));
        Require(_options.ProgressInterval, nameof(ScanSessionOptions.ProgressInterval));
        Require(_options.ExemptionTimeout, nameof(ScanSessionOptions.ExemptionTimeout));
        _time = time ?? TimeProvider.System;
        _logger = logger ?? (ILogger)NullLogger.Instance;
        _metrics = meters is null ? null : new ScanMetrics(meters);
    }

    /// <summary>Scans everything that some sources hold.</summary>
    /// <param name="sources">The sources, one after the other.</param>
    /// <param name="cancellationToken">Ends the scan; the reports are then ended with what was found so far.</param>
    /// <returns>What the scan came to.</returns>
    /// <exception cref="OperationCanceledException">The scan was ended.</exception>
    /// <exception cref="IOException">A report could not be written.</exception>
    public async Task<ScanSummary> RunAsync(IReadOnlyList<IScanSource> sources, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        VerdictScope scope = new(_engine.Name, _engine.Profile, _engine.Definitions);
        ScanRun run = new([.. sources.Select(static source => source.Name)], _options.Trigger, scope, _time.GetUtcNow());
        ScanPipeline pipeline = new(_engine, _options, scope, _time, _logger, _metrics);
        ScanSummary summary = await pipeline.RunAsync(run, sources, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return summary;
    }

    /// <summary>Scans everything that a source holds.</summary>
    /// <param name="source">The source.</param>
    /// <param name="cancellationToken">Ends the scan; the reports are then ended with what was found so far.</param>
    /// <returns>What the scan came to.</returns>
    /// <exception cref="OperationCanceledException">The scan was ended.</exception>
    /// <exception cref="IOException">A report could not be written.</exception>
    public Task<ScanSummary> RunAsync(IScanSource source, CancellationToken cancellationToken = default) => RunAsync([source], cancellationToken);

    /// <summary>A timer takes no longer times than some weeks; a day is more than anybody waits for.</summary>
    private static void Require(TimeSpan time, string option)
    {
        if (time <= TimeSpan.Zero || time > ScanSessionOptions.MaxTime)
        {
            throw new ArgumentOutOfRangeException(option, time, $"{option} takes a time of more than 0 and at most {ScanSessionOptions.MaxTime.TotalHours} hours.");
        }
    }
}
