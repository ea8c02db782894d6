using System.Diagnostics.Metrics;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Polly;
using Refit;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>A client and its exemption, for a host without dependency injection. Made once and kept for as long as the host scans. Safe for concurrent use.</summary>
public sealed class InsightCacheConnection : IAsyncDisposable, IDisposable
{
    private readonly HttpClient _http;

    /// <summary>Initializes a new instance of the <see cref="InsightCacheConnection"/> class. Nothing is sent before the first question.</summary>
    /// <param name="options">Where the cache is, and how it is asked.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    /// <param name="loggers">Where faults are logged.</param>
    /// <param name="meters">Where measurements go.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options are wrong; the message says which.</exception>
    public InsightCacheConnection(InsightCacheClientOptions options, TimeProvider? time = null, ILoggerFactory? loggers = null, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        InsightCacheClientOptionsValidator.Require(options);
        ResiliencePipelineBuilder<HttpResponseMessage> pipeline = new();
        RequestResilience.Configure(pipeline, options, time ?? TimeProvider.System);
        SocketsHttpHandler sockets = new();
        Connecting.Configure(sockets, options);
        _http = new HttpClient(new ResilienceHandler(pipeline.Build()) { InnerHandler = new AnswerHandler { InnerHandler = sockets } });
        Connecting.Configure(_http, options);
        ILogger<InsightCacheExemption>? logger = loggers?.CreateLogger<InsightCacheExemption>();
        Connecting.Warn(options, logger);
        Client = new InsightCacheClient(_http);
        Api = RestService.ForGenerated<IInsightCacheApi>(_http, InsightCacheJson.Default);
        Exemption = new InsightCacheExemption(Client, options, time, logger, meters);
    }

    /// <summary>Gets the client for batches.</summary>
    public InsightCacheClient Client { get; }

    /// <summary>Gets the client for people and administrators.</summary>
    public IInsightCacheApi Api { get; }

    /// <summary>Gets the exemption for <see cref="ScanSessionOptions.Exemptions"/>.</summary>
    public InsightCacheExemption Exemption { get; }

    /// <summary>Makes what a policy asks for.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="secret">What the client keeps under the policy's <see cref="InsightCachePolicy.CredentialName"/>: the password of the user that it names, or else an API key.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    /// <param name="loggers">Where faults are logged.</param>
    /// <param name="meters">Where measurements go.</param>
    /// <returns><see langword="null"/> if the policy turns no cache on.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The policy cannot be followed; the message says why.</exception>
    public static InsightCacheConnection? Open(
        ScanPolicy policy, string? secret = null, TimeProvider? time = null, ILoggerFactory? loggers = null, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.InsightCache.Enabled
            ? new InsightCacheConnection(InsightCacheClientOptions.Of(policy.InsightCache, secret), time, loggers, meters)
            : null;
    }

    /// <summary>Closes the connections, and does not wait for votes that are on their way.</summary>
    public void Dispose()
    {
        Exemption.Dispose();
        _http.Dispose();
    }

    /// <summary>Closes the connections.</summary>
    /// <returns>A task that ends when nothing is on its way any longer.</returns>
    public async ValueTask DisposeAsync()
    {
        await Exemption.DisposeAsync().ConfigureAwait(false);
        _http.Dispose();
    }
}
