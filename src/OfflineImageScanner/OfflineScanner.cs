using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.OfflineImageScanner;

/// <summary>Scans virtual disks that are not running. Safe for concurrent use.</summary>
public sealed class OfflineScanner
{
    private readonly IScanEngine _engine;
    private readonly OfflineScannerOptions _options;
    private readonly TimeProvider? _time;
    private readonly ILogger<ScanSession>? _logger;
    private readonly IMeterFactory? _meters;

    /// <summary>Initializes a new instance of the <see cref="OfflineScanner"/> class.</summary>
    /// <param name="engine">What scans.</param>
    /// <param name="options">How images are read; the defaults if <see langword="null"/>.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    /// <param name="logger">Where the session logs, if anywhere.</param>
    /// <param name="meters">Where measurements go, if anywhere.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public OfflineScanner(
        IScanEngine engine,
        OfflineScannerOptions? options = null,
        TimeProvider? time = null,
        ILogger<ScanSession>? logger = null,
        IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        _engine = engine;
        _options = options ?? new OfflineScannerOptions();
        _options.Validate();
        _time = time;
        _logger = logger;
        _meters = meters;
    }

    /// <summary>Scans every file of some images.</summary>
    /// <param name="images">The images' paths.</param>
    /// <param name="session">How to scan, and the reports; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ends the scan.</param>
    /// <returns>What the scan came to. Only one that is <see cref="ScanSummary.IsComplete"/> and found nothing says that the images are clean.</returns>
    /// <exception cref="OperationCanceledException">The scan was ended.</exception>
    /// <exception cref="IOException">A report could not be written; images that cannot be read are problems in the reports.</exception>
    public Task<ScanSummary> ScanAsync(IEnumerable<string> images, ScanSessionOptions? session = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        IScanSource[] sources = [.. images.Select(path => new OfflineImageSource(path, _options))];
        return new ScanSession(_engine, session, _time, _logger, _meters).RunAsync(sources, cancellationToken);
    }
}
