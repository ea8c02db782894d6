using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>A machine that scans, and asks a cache before.</summary>
internal sealed class Machine(InsightCacheConnection connection, CountingEngine engine) : IAsyncDisposable
{
    public Machine(InsightCacheClientOptions options, CountingEngine engine, TimeProvider? time = null)
        : this(new InsightCacheConnection(options, time), engine)
    {
    }

    public CountingEngine Engine => engine;

    public InsightCacheConnection Connection => connection;

    public VerdictScope Scope => new(engine.Name, engine.Profile, engine.Definitions);

    public bool IsEnabled { get; init; } = true;

    public ScanTrigger Trigger { get; init; } = ScanTrigger.Scheduled;

    /// <summary>Scans everything.</summary>
    public async Task<MemoryReport> ScanAsync(IScanSource source, CancellationToken? cancellationToken = null)
    {
        MemoryReport report = new();
        ScanSessionOptions options = new()
        {
            Trigger = Trigger,
            MaxConcurrency = 2,
            Policy = new ScanPolicy(insightCache: new InsightCachePolicy { Enabled = IsEnabled, Address = new Uri("http://policy.test") }),
            Exemptions = { connection.Exemption },
            Reports = { report },
        };
        await new ScanSession(engine, options).RunAsync(source, cancellationToken ?? TestContext.Current.CancellationToken);
        return report;
    }

    public Task<MemoryReport> ScanAsync(params IEnumerable<string> texts) => ScanAsync(new Words(texts));

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
