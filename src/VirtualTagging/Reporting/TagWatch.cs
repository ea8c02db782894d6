using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Reports what the machine is when the client starts, and again when it wakes or is found to be another.</summary>
/// <remarks>
/// A sleep is known by the wall clock, which goes on while the timer stands still. A report that could not be delivered is due until it is.
/// </remarks>
public sealed partial class TagWatch : BackgroundService
{
    private readonly Func<VirtualizationTag> _detect;
    private readonly IReadOnlyList<ITagReporter> _reporters;
    private readonly TagWatchOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<TagWatch> _logger;

    private byte[]? _delivered;
    private TagReportReason? _due = TagReportReason.Startup;

    /// <summary>Initializes a new instance of the <see cref="TagWatch"/> class.</summary>
    /// <param name="detect">Looks at the machine.</param>
    /// <param name="reporters">Who is told.</param>
    /// <param name="options">How the machine is watched.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Takes what goes wrong.</param>
    public TagWatch(Func<VirtualizationTag> detect, IEnumerable<ITagReporter> reporters, TagWatchOptions options, TimeProvider time, ILogger<TagWatch> logger)
    {
        ArgumentNullException.ThrowIfNull(detect);
        ArgumentNullException.ThrowIfNull(reporters);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(logger);
        _detect = detect;
        _reporters = [.. reporters];
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_reporters.Count == 0)
        {
            return;
        }

        using PeriodicTimer timer = new(_options.Interval, _time);
        DateTimeOffset last = _time.GetUtcNow();
        do
        {
            DateTimeOffset now = _time.GetUtcNow();
            if (now - last > _options.Interval + _options.ResumeAfter)
            {
                _due ??= TagReportReason.Resume;
            }

            last = now;
            await CheckAsync(now, stoppingToken).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task CheckAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        VirtualizationTag tag = _detect();
        byte[] content = TagReport.Of(tag, DateTimeOffset.UnixEpoch, TagReportReason.Startup).ToJson();
        if (_delivered is not null && !content.AsSpan().SequenceEqual(_delivered))
        {
            _due ??= TagReportReason.Changed;
        }

        if (_due is not { } reason)
        {
            return;
        }

        TagReport report = TagReport.Of(tag, now, reason);
        bool all = true;
        foreach (ITagReporter reporter in _reporters)
        {
            try
            {
                await reporter.ReportAsync(report, cancellationToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // A reporter is the host's code; whatever it throws must not end the watch.
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                all = false;
                LogNotDelivered(_logger, e, reporter.GetType().Name);
            }
        }

        if (all)
        {
            (_delivered, _due) = (content, null);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The tag report was not delivered by {Reporter}; it is due again at the next check.")]
    private static partial void LogNotDelivered(ILogger logger, Exception exception, string reporter);
}
