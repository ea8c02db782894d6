using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>Asks a Shared Insight Cache about many contents at once, and votes, in frames of 32 bytes a content. Safe for concurrent use.</summary>
/// <remarks>
/// Credentials, timeouts and the rest are the HTTP client's: <see cref="InsightCacheConnection"/> or dependency injection makes one. An answer that is not exactly what the
/// contract says, or that knows fewer recalls than an answer before, fails the call. None is ever taken for "clean".
/// </remarks>
public sealed class InsightCacheClient
{
    private static readonly RequestRules DocumentRules = new(null, RequestRules.MaxDocument, MayRepeat: false);
    private static readonly RequestRules LookupRules = new(null, RequestRules.MaxFrameAnswer, MayRepeat: true);
    private static readonly RequestRules VoteRules = new(null, RequestRules.MaxFrameAnswer, MayRepeat: false);

    private readonly HttpClient _http;
    private readonly Uri _lookups;
    private readonly Uri _votes;
    private readonly bool _isSecret;
    private long _epoch;

    /// <summary>Initializes a new instance of the <see cref="InsightCacheClient"/> class.</summary>
    /// <param name="http">The HTTP client, with the server's address as its base.</param>
    /// <exception cref="ArgumentException">It has no base.</exception>
    public InsightCacheClient(HttpClient http)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (http.BaseAddress is null)
        {
            throw new ArgumentException("The HTTP client needs the server's address as its base.", nameof(http));
        }

        _http = http;
        _lookups = AddressOf(Routes.Lookups);
        _votes = AddressOf(Routes.Votes);
        _isSecret = http.BaseAddress.Scheme == Uri.UriSchemeHttps;
    }

    /// <summary>Asks about contents.</summary>
    /// <param name="scope">Within what the verdicts must hold.</param>
    /// <param name="hashes">The contents, at least one; more than 4096 are asked about in several requests.</param>
    /// <param name="wantsLeases">Whether the caller scans what nobody knows or scans, so that others wait for it. Each such content is to be voted for, or released.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The answers.</returns>
    /// <exception cref="InsightCacheException">There is no answer to rely on.</exception>
    public Task<LookupAnswers> LookupAsync(
        VerdictScope scope, ReadOnlyMemory<ContentHash> hashes, bool wantsLeases, CancellationToken cancellationToken = default)
        => LookupAsync(ScopeName.Of(scope), hashes, wantsLeases, LookupRules, cancellationToken);

    /// <summary>Tells verdicts.</summary>
    /// <param name="scope">Within what they hold: the definitions are those of the scan.</param>
    /// <param name="votes">The votes, at least one; more than 4096 are sent in several requests.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What became of them.</returns>
    /// <exception cref="InsightCacheException">It is not known what became of them, or of some of them.</exception>
    public Task<VoteAnswerFrame> VoteAsync(VerdictScope scope, ReadOnlyMemory<Vote> votes, CancellationToken cancellationToken = default)
        => VoteAsync(ScopeName.Of(scope), votes, cancellationToken);

    /// <summary>Reports the definitions that this client scans with.</summary>
    /// <param name="scope">The scope of its scans.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What became of the report.</returns>
    /// <exception cref="InsightCacheException">There is no answer to rely on.</exception>
    public Task<DefinitionsResponse> ReportDefinitionsAsync(VerdictScope scope, CancellationToken cancellationToken = default)
        => ReportDefinitionsAsync(scope, DocumentRules, cancellationToken);

    /// <summary>Asks what was recalled after an epoch.</summary>
    /// <param name="epoch">The epoch that is known.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The changes.</returns>
    /// <exception cref="InsightCacheException">There is no answer to rely on.</exception>
    public Task<RecallChanges> RecallsSinceAsync(long epoch, CancellationToken cancellationToken = default)
        => RecallsSinceAsync(epoch, DocumentRules, cancellationToken);

    internal async Task<LookupAnswers> LookupAsync(
        ScopeName scope, ReadOnlyMemory<ContentHash> hashes, bool wantsLeases, RequestRules rules, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(hashes.Length, nameof(hashes));
        LookupAnswerFrame[] frames = new LookupAnswerFrame[((hashes.Length - 1) / Routes.MaxBatch) + 1];
        for (int i = 0; i < frames.Length; i++)
        {
            int start = i * Routes.MaxBatch;
            ReadOnlyMemory<ContentHash> batch = hashes.Slice(start, Math.Min(Routes.MaxBatch, hashes.Length - start));
            long known = Volatile.Read(ref _epoch);
            using HttpRequestMessage request = new(HttpMethod.Post, _lookups) { Content = new LookupContent(scope, batch, wantsLeases, _isSecret) };
            byte[] answer = await SendAsync("lookup", request, rules, isFrame: true, cancellationToken).ConfigureAwait(false);
            try
            {
                frames[i] = LookupAnswerFrame.Parse(answer, batch.Length);
            }
            catch (FrameException e)
            {
                throw Malformed("lookup", e);
            }

            Heed("lookup", known, frames[i].RecallEpoch);
        }

        return new LookupAnswers(frames, hashes.Length);
    }

    internal async Task<VoteAnswerFrame> VoteAsync(ScopeName scope, ReadOnlyMemory<Vote> votes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(votes.Length, nameof(votes));
        VoteAnswerFrame sum = default;
        for (int start = 0; start < votes.Length; start += Routes.MaxBatch)
        {
            ReadOnlyMemory<Vote> batch = votes.Slice(start, Math.Min(Routes.MaxBatch, votes.Length - start));
            long known = Volatile.Read(ref _epoch);
            using HttpRequestMessage request = new(HttpMethod.Post, _votes)
            {
                Content = new VoteContent(VoteFrame.Write(scope.Lane, scope.Definitions, batch.Span), _isSecret),
            };
            byte[] answer = await SendAsync("vote", request, VoteRules, isFrame: true, cancellationToken).ConfigureAwait(false);
            VoteAnswerFrame part;
            try
            {
                part = VoteAnswerFrame.Parse(answer, batch.Length);
            }
            catch (FrameException e)
            {
                throw Malformed("vote", e);
            }

            Heed("vote", known, part.RecallEpoch);
            sum = new VoteAnswerFrame(
                part.Standing,
                sum.Accepted + part.Accepted,
                sum.Pending + part.Pending,
                sum.Duplicate + part.Duplicate,
                sum.Stale + part.Stale,
                sum.Rejected + part.Rejected,
                sum.Taken + part.Taken,
                part.RecallEpoch);
        }

        return sum;
    }

    internal async Task<DefinitionsResponse> ReportDefinitionsAsync(VerdictScope scope, RequestRules rules, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        using HttpRequestMessage request = new(HttpMethod.Post, AddressOf(Routes.Definitions))
        {
            Content = JsonContent.Create(DefinitionsDocument.Of(scope), InsightCacheJson.Default.DefinitionsDocument),
        };
        return await SendAsync("report of definitions", request, rules, InsightCacheJson.Default.DefinitionsResponse, cancellationToken).ConfigureAwait(false);
    }

    internal async Task<RecallChanges> RecallsSinceAsync(long epoch, RequestRules rules, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        long known = Volatile.Read(ref _epoch);
        using HttpRequestMessage request = new(HttpMethod.Get, AddressOf($"{Routes.Recalls}?since={epoch}"));
        RecallChanges changes = await SendAsync("question for recalls", request, rules, InsightCacheJson.Default.RecallChanges, cancellationToken).ConfigureAwait(false);
        if (changes.Recalled is null)
        {
            throw Malformed("question for recalls", null);
        }

        Heed("question for recalls", known, changes.Epoch);
        return changes;
    }

    private static InsightCacheException Malformed(string call, Exception? cause)
        => new(InsightCacheFault.Malformed, $"The answer to a {call} is not what the contract says{(cause is null ? "." : $": {cause.Message}")}", cause);

    /// <summary>Tells whether a body is called a frame, in exactly the words of the contract.</summary>
    private static bool IsFrame(HttpContent content)
        => content.Headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues type) && type.ToString() == Routes.FrameMediaType;

    private async Task<T> SendAsync<T>(string call, HttpRequestMessage request, RequestRules rules, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        byte[] json = await SendAsync(call, request, rules, isFrame: false, cancellationToken).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw Malformed(call, null);
        }
        catch (JsonException e)
        {
            throw new InsightCacheException(InsightCacheFault.Malformed, $"The answer to a {call} is no such document.", e);
        }
    }

    private Uri AddressOf(string route) => new(_http.BaseAddress!, route.TrimStart('/'));

    /// <summary>Sends a request, and gets the body of an answer that is a success.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<byte[]> SendAsync(string call, HttpRequestMessage request, RequestRules rules, bool isFrame, CancellationToken cancellationToken)
    {
        request.Options.Set(RequestRules.Key, rules);
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (BrokenCircuitException e)
        {
            throw new InsightCacheException(InsightCacheFault.CircuitOpen, $"No {call} is sent, since requests failed lately.", e);
        }
        catch (Exception e) when (e is TimeoutRejectedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new InsightCacheException(InsightCacheFault.TimedOut, $"No answer to a {call} came in time.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            InsightCacheFault fault = (e as HttpRequestException)?.HttpRequestError switch
            {
                HttpRequestError.SecureConnectionError => InsightCacheFault.Untrusted,
                HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse => InsightCacheFault.Malformed,
                _ => InsightCacheFault.Unreachable,
            };
            throw new InsightCacheException(fault, $"A {call} failed: {e.Message}", e);
        }

        using (response)
        {
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return !isFrame || IsFrame(response.Content)
                    ? await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false)
                    : throw new InsightCacheException(InsightCacheFault.Malformed, $"The answer to a {call} is no frame.");
            }

            bool isBusy = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;
            throw new InsightCacheException(
                isBusy ? InsightCacheFault.Busy : InsightCacheFault.Refused, $"The server answered a {call} with status {(int)response.StatusCode}.")
            {
                StatusCode = response.StatusCode,
                RetryAfter = response.Headers.RetryAfter?.Delta,
            };
        }
    }

    /// <summary>Takes note of the epoch of recalls. An answer is compared with what was known when its question was sent: two at once may overtake each other.</summary>
    private void Heed(string call, long known, long epoch)
    {
        if (epoch < 0 || epoch < known)
        {
            // A server that has lost its recalls begins anew: this answer is not believed, and the next one is.
            Volatile.Write(ref _epoch, Math.Max(0, epoch));
            throw new InsightCacheException(InsightCacheFault.EpochWentBack, $"The answer to a {call} knows fewer recalls ({epoch}) than one before ({known}).");
        }

        for (long seen = Volatile.Read(ref _epoch); seen < epoch; seen = Volatile.Read(ref _epoch))
        {
            if (Interlocked.CompareExchange(ref _epoch, epoch, seen) == seen)
            {
                break;
            }
        }
    }
}
