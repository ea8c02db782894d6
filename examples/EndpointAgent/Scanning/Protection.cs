using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.InsightCache.Client;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>What a policy makes of the exemptions: the seals that count, and the cache that is asked. Kept as long as a scan uses it, whatever policy comes meanwhile.</summary>
internal sealed class Protection : IAsyncDisposable
{
    private readonly TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _unused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _users = 1;

    private Protection(ScanPolicy policy, SealSet seals, InsightCacheConnection? cache) => (Policy, Seals, Cache) = (policy, seals, cache);

    public ScanPolicy Policy { get; }

    public SealSet Seals { get; }

    public InsightCacheConnection? Cache { get; }

    /// <summary>Gets what ends when another one is in force.</summary>
    public Task Replaced => _replaced.Task;

    /// <summary>Opens what a policy lets count. Whatever of it cannot be had is logged, and what it would have let be skipped is scanned.</summary>
    public static Protection Open(ScanPolicy policy, AgentOptions options, Protection? before, TimeProvider time, ILoggerFactory loggers)
    {
        ILogger logger = loggers.CreateLogger<Protection>();
        SealSet seals = OpenSeals(policy, options, before, time, logger);
        try
        {
            return new Protection(policy, seals, OpenCache(policy, options, time, loggers));
        }
        catch (Exception e) when (e is OptionsValidationException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            Log.CacheRefused(logger, e.Message);
            return new Protection(policy, seals, cache: null);
        }
    }

    /// <summary>Gets the exemptions for a session, in the order in which they are asked: what costs nothing first.</summary>
    public IEnumerable<IScanExemption> Exemptions(ILoggerFactory loggers)
        => [.. ImageExemption.For(Seals.Images, loggers.CreateLogger<ImageExemption>()), .. Cache is null ? [] : new IScanExemption[] { Cache.Exemption }];

    /// <summary>Keeps it from being closed; <see langword="false"/> if it is already.</summary>
    public bool TryUse()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _unused.SetResult();
        }
    }

    /// <summary>Closes it once nobody uses it any more.</summary>
    public async ValueTask DisposeAsync()
    {
        _replaced.TrySetResult();
        Release();
        await _unused.Task.ConfigureAwait(false);
        Seals.Dispose();
        if (Cache is not null)
        {
            await Cache.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static InsightCacheConnection? OpenCache(ScanPolicy policy, AgentOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        if (!policy.InsightCache.Enabled)
        {
            return null;
        }

        InsightCacheClientOptions cache = InsightCacheClientOptions.Of(policy.InsightCache, SecretOf(policy, options));
        cache.ScanWhatIsCheaper = !options.AskAboutEverything;
        cache.LatencyBudget = TimeSpan.FromMilliseconds(options.CacheMilliseconds);
        return new InsightCacheConnection(cache, time, loggers);
    }

    private static SealSet OpenSeals(ScanPolicy policy, AgentOptions options, Protection? before, TimeProvider time, ILogger logger)
    {
        try
        {
            SealPublicKey[] keys = [.. options.SealKeys.Select(static file => SealPublicKey.FromPem(File.ReadAllText(file)))];
            return SealSet.Open(options.Seals, keys, policy, before?.Seals, time, logger);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            Log.SealRefused(logger, string.Join(", ", options.SealKeys), e.Message);
            return SealSet.Empty;
        }
    }

    /// <summary>Reads what is kept under the name that the policy gives: a policy carries no secrets.</summary>
    private static string? SecretOf(ScanPolicy policy, AgentOptions options)
    {
        if (policy.InsightCache.CredentialName is not { Length: > 0 } name)
        {
            return null;
        }

        // A name, not a path: the manager must not have other files read.
        string file = Path.GetFileName(name) == name && options.Secrets is { } folder
            ? Path.Combine(folder, name)
            : throw new IOException($"The credential {PrintableText.Escape(name)} is not the name of a file in the agent's folder of secrets.");
        return File.ReadAllText(file).Trim();
    }
}
