using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>
/// Lets on-demand scans skip contents that were voted clean in a Shared Insight Cache, and votes for what they scan. Never serves Auto-Protect, and no scan at all unless policy
/// turns it on. Safe for concurrent use by several sessions.
/// </summary>
/// <remarks>Whatever goes wrong, contents are scanned: no fault of the server or of the network fails a scan, holds it up beyond the budget, or has anything skipped.</remarks>
public sealed partial class InsightCacheExemption : IScanExemption, IAsyncDisposable, IDisposable
{
    private readonly InsightCacheClient _client;
    private readonly InsightCacheClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ClientMetrics? _metrics;
    private readonly RememberedVerdicts _remembered;
    private readonly ContentsInHand _inHand = new();
    private readonly AskingCost _cost = new();
    private readonly DefinitionsReports _reports;
    private readonly VoteQueue _votes;

    /// <summary>Initializes a new instance of the <see cref="InsightCacheExemption"/> class.</summary>
    /// <param name="client">The client.</param>
    /// <param name="options">How much asking may cost, and what is remembered.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    /// <param name="logger">Where faults are logged.</param>
    /// <param name="meters">Where measurements go.</param>
    public InsightCacheExemption(
        InsightCacheClient client,
        InsightCacheClientOptions options,
        TimeProvider? time = null,
        ILogger<InsightCacheExemption>? logger = null,
        IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        _client = client;
        _options = options;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? (ILogger)NullLogger.Instance;
        _metrics = meters is null ? null : new ClientMetrics(meters);
        _remembered = new RememberedVerdicts(options.RememberedVerdicts, options.RememberedFor, options.RecallsKnownFor, _time);
        _reports = new DefinitionsReports(_time);
        _lookupRules = new RequestRules(options.LatencyBudget, RequestRules.MaxFrameAnswer, MayRepeat: true);
        _votes = new VoteQueue((scope, votes, token) => client.VoteAsync(scope, votes, token), new Outcomes(this), options, _time);
    }

    /// <inheritdoc/>
    public string Name => "insight cache";

    /// <inheritdoc/>
    public ExemptionStage Stage => ExemptionStage.Content;

    /// <inheritdoc/>
    public int PreferredBatch => 256;

    /// <inheritdoc/>
    public TimeSpan Linger => TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    public bool Serves(ScanPolicy policy, ScanTrigger trigger)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.InsightCache.Covers(trigger);
    }

    /// <summary>Stops sending votes, and does not wait for those that are on their way.</summary>
    public void Dispose() => _votes.Dispose();

    /// <summary>Stops sending votes.</summary>
    /// <returns>A task that ends when nothing is on its way any longer.</returns>
    public ValueTask DisposeAsync() => _votes.DisposeAsync();
}
