using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The figures of a server as instruments; read when somebody collects them, so that a lookup pays nothing.</summary>
internal sealed class CacheMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Symantec.Virtualization.InsightCache.Server";

    private readonly Meter _meter;

    public CacheMetrics(IMeterFactory factory, CacheServer server)
    {
        _meter = factory.Create(MeterName);
        VerdictStore store = server.Store;
        _meter.CreateObservableCounter("insightcache.requests", () => Of((store.Counters.LookupRequests, "kind", "lookup"), (store.Counters.VoteRequests, "kind", "vote")), "{request}", "Requests that asked, and requests that voted.");
        _meter.CreateObservableCounter("insightcache.lookups", () => Of((store.Counters.Hits, "result", "clean"), (store.Counters.Lookups - store.Counters.Hits, "result", "unknown")), "{content}", "Contents that were asked for.");
        _meter.CreateObservableCounter("insightcache.leases", () => Of((store.Counters.Leases, "result", "granted"), (store.Counters.Waits, "result", "wait")), "{content}", "Contents that a client scans for others, and contents that others wait for.");
        _meter.CreateObservableCounter("insightcache.votes", () => store.Counters.Votes, "{vote}", "Votes of any kind.");
        _meter.CreateObservableUpDownCounter("insightcache.entries", () => Of((store.Table.Count, "state", "clean"), (store.Pending, "state", "pending")), "{content}", "Contents in the cache.");
        _meter.CreateObservableCounter(
            "insightcache.evictions",
            () => Of(
                (store.Table.Counters[TableEvent.EvictedForCapacity], "reason", "capacity"),
                (store.Table.Counters[TableEvent.Expired], "reason", "expired"),
                (store.Table.Counters[TableEvent.Retired], "reason", "definitions"),
                (store.Table.Counters[TableEvent.Removed], "reason", "recalled")),
            "{content}",
            "Contents that left the cache.");
        _meter.CreateObservableUpDownCounter("insightcache.memory.limit", () => store.Bytes, "By", "Memory for verdicts, votes and leases.");
        _meter.CreateObservableUpDownCounter("insightcache.memory.usage", () => server.Describe().MemoryUsed, "By", "The part of it that is in use.");
        _meter.CreateObservableUpDownCounter("insightcache.recalls", () => (long)store.Recalls.Count, "{content}", "Contents that are suspended or recalled.");
        _meter.CreateObservableGauge("insightcache.definitions.sequence", () => store.Lanes.Lanes.Where(static lane => lane.Generations.Length > 0).Select(static lane => new Measurement<long>(lane.Generations[0].Stamp.Sequence, new KeyValuePair<string, object?>("engine", lane.Engine), new KeyValuePair<string, object?>("profile", lane.Profile))), null, "The current definitions of each lane.");
        _meter.CreateObservableGauge("insightcache.snapshot.age", () => server.LastSnapshot is { } last ? (store.Clock.Now - last).TotalSeconds : 0, "s", "Since the last snapshot.");
        if (server.Replicator is { } replicator)
        {
            Observe(replicator);
        }

        if (server.SecondLevel is { } level)
        {
            _meter.CreateObservableCounter("insightcache.second_level.lookups", () => Of((level.Hits, "result", "clean"), (level.Misses, "result", "unknown"), (level.Refused, "result", "refused"), (level.Failures, "result", "failed")), "{content}", "Contents that were looked for beyond this server's memory.");
        }
    }

    public void Dispose() => _meter.Dispose();

    private void Observe(Replicator replicator)
    {
        ReplicationCounters counters = replicator.Counters;
        _meter.CreateObservableGauge("insightcache.replication.lag", () => replicator.Lag.TotalSeconds, "s", "How far this server is behind the others.");
        _meter.CreateObservableCounter("insightcache.replication.entries", () => Of((counters.Published, "direction", "published"), (counters.Applied, "direction", "applied"), (counters.Dropped, "direction", "dropped")), "{entry}", "Entries of the shared log.");
        _meter.CreateObservableCounter(
            "insightcache.replication.refused",
            () => Enum.GetValues<Refusal>().Select(why => new Measurement<long>(counters.Refused(why), new KeyValuePair<string, object?>("reason", JsonNamingPolicy.SnakeCaseLower.ConvertName(why.ToString())))),
            "{entry}",
            "Entries of the shared log that were not applied.");
        _meter.CreateObservableUpDownCounter("insightcache.replication.held", () => (long)replicator.Held, "{content}", "Contents with votes that wait until this server has caught up.");
        _meter.CreateObservableUpDownCounter("insightcache.replication.waiting", () => (long)replicator.Waiting, "{entry}", "Entries that wait for the shared log.");
    }

    private static IEnumerable<Measurement<long>> Of(params (long Value, string Name, string Tag)[] values)
        => values.Select(static value => new Measurement<long>(value.Value, new KeyValuePair<string, object?>(value.Name, value.Tag)));
}
