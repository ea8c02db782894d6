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
    private readonly IReadOnlyList<Delivery> _deliveries;
    private readonly TagWatchOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<TagWatch> _logger;

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
        _deliveries = [.. reporters.Select(static reporter => new Delivery(reporter))];
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_deliveries.Count == 0)
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
                foreach (Delivery delivery in _deliveries)
                {
                    delivery.Woke();
                }
            }

            last = now;
            await CheckAsync(now, stoppingToken).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task CheckAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        VirtualizationTag tag;
        try
        {
            tag = _detect();
        }
#pragma warning disable CA1031 // Whatever a broken machine makes the detector throw must not end the host's service.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogNotDetected(_logger, e);
            return;
        }

        foreach (Delivery delivery in _deliveries)
        {
            if (delivery.Due(tag) is { } reason)
            {
                await DeliverAsync(delivery, TagReport.Of(tag, now, reason), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task DeliverAsync(Delivery delivery, TagReport report, CancellationToken cancellationToken)
    {
        try
        {
            await delivery.Reporter.ReportAsync(report, cancellationToken).ConfigureAwait(false);
            delivery.Done(report.Tag);
        }
#pragma warning disable CA1031 // A reporter is the host's code; whatever it throws must not end the watch.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNotDelivered(_logger, e, delivery.Reporter.GetType().Name);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The tag report was not delivered by {Reporter}; it is due again at the next check.")]
    private static partial void LogNotDelivered(ILogger logger, Exception exception, string reporter);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "The machine could not be looked at; it is tried again at the next check.")]
    private static partial void LogNotDetected(ILogger logger, Exception exception);

    /// <summary>What one reporter was told, and what is due to it.</summary>
    private sealed class Delivery(ITagReporter reporter)
    {
        private byte[]? _told;
        private TagReportReason? _due = TagReportReason.Startup;

        public ITagReporter Reporter { get; } = reporter;

        /// <summary>A sleep makes a report due, unless one is due already.</summary>
        public void Woke() => _due ??= TagReportReason.Resume;

        public TagReportReason? Due(VirtualizationTag tag)
        {
            if (_told is not null && !Answers(tag).AsSpan().SequenceEqual(_told))
            {
                _due ??= TagReportReason.Changed;
            }

            return _due;
        }

        public void Done(VirtualizationTag tag) => (_told, _due) = (Answers(tag), null);

        /// <summary>The answers alone: what they stand on moves with every device and guest that comes and goes.</summary>
        private static byte[] Answers(VirtualizationTag tag)
            => TagReport.Of(tag with { Evidence = [], Unread = [] }, DateTimeOffset.UnixEpoch, TagReportReason.Startup).ToJson();
    }
}
