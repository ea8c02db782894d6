using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>Meters of one test.</summary>
internal sealed class Meters : IMeterFactory
{
    private readonly List<Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        Meter meter = new(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose() => _meters.ForEach(static meter => meter.Dispose());
}

/// <summary>Logs of one test.</summary>
internal sealed class Logs : ILoggerFactory
{
    public FakeLogCollector Collector { get; } = new();

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => new FakeLogger(Collector, categoryName);

    public void Dispose()
    {
    }
}
