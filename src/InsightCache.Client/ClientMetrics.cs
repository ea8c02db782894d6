using System.Diagnostics.Metrics;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>The measurements of a client: meter <c>Symantec.Virtualization.InsightCache.Client</c>. Recorded once a batch, never with a hash or a name.</summary>
internal sealed class ClientMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Symantec.Virtualization.InsightCache.Client";

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _lookups;
    private readonly Counter<long> _votes;
    private readonly Counter<long> _fallbacks;
    private readonly Counter<long> _avoided;
    private readonly Counter<long> _avoidedSize;

    public ClientMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        _duration = meter.CreateHistogram(
            "insightcache.client.lookup.duration",
            "s",
            "Time until a batch was answered.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1] });
        _lookups = meter.CreateCounter<long>("insightcache.client.lookups", "{content}", "Contents that were asked about, and what came of it.");
        _votes = meter.CreateCounter<long>("insightcache.client.votes", "{vote}", "Votes, and what became of them.");
        _fallbacks = meter.CreateCounter<long>("insightcache.client.fallbacks", "{content}", "Contents that were scanned because no answer came.");
        _avoided = meter.CreateCounter<long>("insightcache.client.scans_avoided", "{file}", "Contents that were not scanned.");
        _avoidedSize = meter.CreateCounter<long>("insightcache.client.scans_avoided.size", "By", "Their bytes.");
    }

    public void Answered(TimeSpan duration) => _duration.Record(duration.TotalSeconds);

    public void Asked(string result, int count) => Add(_lookups, count, "result", result);

    public void Voted(in VoteAnswerFrame answer)
    {
        Voted("accepted", answer.Accepted);
        Voted("pending", answer.Pending);
        Voted("duplicate", answer.Duplicate);
        Voted("stale", answer.Stale);
        Voted("rejected", answer.Rejected);
        Voted("taken", answer.Taken);
    }

    public void Voted(string result, int count) => Add(_votes, count, "result", result);

    public void FellBack(InsightCacheFault fault, int count) => Add(_fallbacks, count, "reason", ReasonOf(fault));

    public void Avoided(int count, long bytes)
    {
        if (count > 0)
        {
            _avoided.Add(count);
            _avoidedSize.Add(bytes);
        }
    }

    private static void Add(Counter<long> counter, int count, string name, string tag)
    {
        if (count > 0)
        {
            counter.Add(count, new KeyValuePair<string, object?>(name, tag));
        }
    }

    private static string ReasonOf(InsightCacheFault fault) => fault switch
    {
        InsightCacheFault.Unreachable => "unreachable",
        InsightCacheFault.Untrusted => "untrusted",
        InsightCacheFault.TimedOut => "timeout",
        InsightCacheFault.CircuitOpen => "circuit_open",
        InsightCacheFault.Busy => "busy",
        InsightCacheFault.Refused => "refused",
        InsightCacheFault.Malformed => "malformed",
        _ => "epoch",
    };
}
