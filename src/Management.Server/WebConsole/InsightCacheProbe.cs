using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>How a cache that policies name answers.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Groups">The groups whose own policy names it.</param>
/// <param name="IsReachable">Whether anything answered.</param>
/// <param name="Answer">What is known of that, for people.</param>
internal sealed record CacheStanding(Uri Address, IReadOnlyList<string> Groups, bool IsReachable, string Answer);

/// <summary>What a cache says of itself.</summary>
internal sealed record CacheFigures(string? Error, IReadOnlyList<(string Name, long Value)> Values);

/// <summary>Looks, within a short time, whether the caches that policies name can be reached. What was seen counts for half a minute. Safe for concurrent use.</summary>
internal sealed class InsightCacheProbe : IDisposable
{
    private const int MaxCaches = 8;
    private const int MaxStatus = 64 << 10;

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(30);

    private static readonly (string Member, string Name)[] Figures =
    [
        ("items", "Contents in the cache"), ("itemsVotedClean", "Voted clean"), ("lookups", "Contents asked for"), ("hits", "Of these, clean"), ("clients", "Clients with credentials"),
    ];

    private readonly PolicyStore _policies;
    private readonly GroupTree _groups;
    private readonly ManagementConsoleOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { MaxResponseContentBufferSize = MaxStatus };
    private readonly System.Collections.Concurrent.ConcurrentDictionary<(Uri Address, ContentHash? Pin), (bool IsReachable, string Answer, long Read)> _seen = new();

    public InsightCacheProbe(PolicyStore policies, GroupTree groups, IOptions<ManagementConsoleOptions> options, TimeProvider time)
    {
        _policies = policies;
        _groups = groups;
        _options = options.Value;
        _time = time;
    }

    /// <summary>Asks the caches that the groups' own policies name, all at once.</summary>
    public async Task<IReadOnlyList<CacheStanding>> LookAsync(CancellationToken cancellationToken)
    {
        Dictionary<(Uri, ContentHash?), List<string>> named = [];
        foreach (ClientGroup group in await _groups.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            EffectivePolicy policy = await _policies.EffectiveAsync(group.Id, cancellationToken).ConfigureAwait(false);
            if (policy.FromGroupId == group.Id && policy.Policy.Scan.InsightCache is { Enabled: true, Address: { } address } cache)
            {
                if (!named.TryGetValue((address, cache.PinnedKey), out List<string>? groups))
                {
                    named.Add((address, cache.PinnedKey), groups = []);
                }

                groups.Add(group.Path);
            }
        }

        return await Task.WhenAll(named.Take(MaxCaches).Select(async pair =>
        {
            (bool isReachable, string answer) = await AskAsync(pair.Key, cancellationToken).ConfigureAwait(false);
            return new CacheStanding(pair.Key.Item1, pair.Value, isReachable, answer);
        })).ConfigureAwait(false);
    }

    /// <summary>Reads a cache's figures, where it is said at which address.</summary>
    public async Task<CacheFigures?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_options.InsightCacheStatus is not { } address)
        {
            return null;
        }

        try
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(_options.InsightCacheTimeout);
            byte[] json = await _client.GetByteArrayAsync(new Uri(address, "/v1/status"), limit.Token).ConfigureAwait(false);
            using JsonDocument document = JsonDocument.Parse(json);
            return new CacheFigures(
                null,
                [.. Figures.Where(figure => document.RootElement.TryGetProperty(figure.Member, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _))
                    .Select(figure => (figure.Name, document.RootElement.GetProperty(figure.Member).GetInt64()))]);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or InvalidOperationException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new CacheFigures("It does not tell its figures at " + address.GetLeftPart(UriPartial.Authority) + ".", []);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<(bool IsReachable, string Answer)> AskAsync((Uri Address, ContentHash? Pin) cache, CancellationToken cancellationToken)
    {
        if (_seen.TryGetValue(cache, out (bool IsReachable, string Answer, long Read) known) && _time.GetElapsedTime(known.Read) < Freshness)
        {
            return (known.IsReachable, known.Answer);
        }

        (bool isReachable, string answer) = await TryAsync(cache.Address, cache.Pin, cancellationToken).ConfigureAwait(false);
        if (_seen.Count >= 1000)
        {
            _seen.Clear();
        }

        _seen[cache] = (isReachable, answer, _time.GetTimestamp());
        return (isReachable, answer);
    }

    private async Task<(bool IsReachable, string Answer)> TryAsync(Uri address, ContentHash? pin, CancellationToken cancellationToken)
    {
        using HttpClient client = new(HandlerOf(pin));
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.InsightCacheTimeout);
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri(address, "/health/ready"), HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            return (true, answer.IsSuccessStatusCode ? "ready" : (int)answer.StatusCode == 503 ? "answers, and is not ready" : "answers");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, $"no answer within {_options.InsightCacheTimeout.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException e)
        {
            return (false, e.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => "its name is not known",
                HttpRequestError.SecureConnectionError => pin is null ? "its certificate is not trusted" : "its key is not the one that the policy names",
                _ => "no connection",
            });
        }
    }

    private static SocketsHttpHandler HandlerOf(ContentHash? pin)
    {
        SocketsHttpHandler handler = new() { AllowAutoRedirect = false, UseCookies = false };
        if (pin is { } key)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is System.Security.Cryptography.X509Certificates.X509Certificate2 shown
                && CryptographicOperations.FixedTimeEquals(SHA256.HashData(shown.PublicKey.ExportSubjectPublicKeyInfo()), Convert.FromHexString(key.ToString()));
        }

        return handler;
    }
}
