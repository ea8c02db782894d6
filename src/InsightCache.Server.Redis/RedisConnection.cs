using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Symantec.Virtualization.InsightCache.Server.Redis;

/// <summary>The connection that the log and the second level share: made when it is first needed, and made again by itself. Safe for concurrent use.</summary>
internal sealed class RedisConnection(IOptions<InsightCacheRedisOptions> options) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task<ConnectionMultiplexer>? _connecting;

    /// <summary>Calls the engine.</summary>
    /// <exception cref="IOException">It cannot be reached, did not answer in time, or refuses.</exception>
    public Task<T> CallAsync<T>(Func<IConnectionMultiplexer, Task<T>> call, CancellationToken cancellationToken)
        => UseAsync(connection => call(connection).WaitAsync(cancellationToken), cancellationToken);

    /// <summary>Has somebody use the connection who ends by himself.</summary>
    /// <exception cref="IOException">The engine cannot be reached, did not answer in time, or refuses.</exception>
    public async Task<T> UseAsync<T>(Func<IConnectionMultiplexer, Task<T>> use, CancellationToken cancellationToken)
    {
        try
        {
            return await use(await ConnectAsync().WaitAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw new IOException($"Redis does not do what it is asked for: {e.Message}", e);
        }
    }

    /// <summary>Tells whether an exception of the client says that the engine is away, overloaded or unwilling.</summary>
    public static bool IsOutage(Exception exception) => exception is RedisException or RedisCommandException or TimeoutException;

    public async ValueTask DisposeAsync()
    {
        Task<ConnectionMultiplexer>? connecting;
        lock (_lock)
        {
            connecting = _connecting;
        }

        if (connecting is not null)
        {
            await (await connecting.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
    }

    private Task<ConnectionMultiplexer> ConnectAsync()
    {
        lock (_lock)
        {
            // One that failed for good, as by a name that nobody resolves, is tried anew.
            return _connecting is { IsFaulted: false } connecting ? connecting : _connecting = ConnectionMultiplexer.ConnectAsync(Configure());
        }
    }

    private ConfigurationOptions Configure()
    {
        ConfigurationOptions configuration = ConfigurationOptions.Parse(options.Value.Configuration);
        configuration.AbortOnConnectFail = false;
        configuration.ReconnectRetryPolicy = new JitteredRetry();

        // Whoever asks has something better to do than to wait for a connection: the log asks again, and a lookup goes on without.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        return configuration;
    }
}
