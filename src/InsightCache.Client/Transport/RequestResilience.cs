using System.Net;
using System.Security.Cryptography;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>How requests bear a server that is slow, full or dead: circuit breaker around timeout around one repetition.</summary>
internal static class RequestResilience
{
    /// <summary>A scan asks one batch after the other: three that run into the budget of a quarter of a second open the circuit within a second.</summary>
    private const int FailuresToOpen = 3;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private const int MinBreakMilliseconds = 5_000;
    private const int MaxBreakMilliseconds = 30_000;

    public static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> builder, InsightCacheClientOptions options, TimeProvider time)
    {
        builder.TimeProvider = time;
        builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
        {
            Name = "insight cache circuit",
            FailureRatio = 0.5,
            MinimumThroughput = FailuresToOpen,
            SamplingDuration = Window,
            ShouldHandle = static arguments => new(IsFailure(arguments.Outcome)),

            // A fleet whose server comes back must not return in one moment: a TLS connection costs the server 2 ms of CPU.
            BreakDurationGenerator = static _ => new(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(MinBreakMilliseconds, MaxBreakMilliseconds))),
        });
        builder.AddTimeout(new TimeoutStrategyOptions
        {
            Name = "insight cache timeout",
            TimeoutGenerator = arguments => new(RequestRules.Of(arguments.Context.GetRequestMessage()).Timeout ?? options.RequestTimeout),
        });
        builder.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            Name = "insight cache fresh connection",
            MaxRetryAttempts = 1,
            Delay = TimeSpan.Zero,
            ShouldHandle = static arguments => new(
                IsClosedConnection(arguments.Outcome.Exception) && RequestRules.Of(arguments.Context.GetRequestMessage()).MayRepeat),
        });
    }

    private static bool IsFailure(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException or TimeoutRejectedException or IOException } => true,
        { Result.StatusCode: >= HttpStatusCode.InternalServerError } => true,
        _ => false,
    };

    /// <summary>A connection that was kept open and that the other side has closed meanwhile shows it only when it is used. One that cannot be made is not tried again.</summary>
    private static bool IsClosedConnection(Exception? exception)
        => exception is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded }
            or HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: IOException };
}
