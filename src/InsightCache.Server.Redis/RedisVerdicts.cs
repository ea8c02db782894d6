using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace Symantec.Virtualization.InsightCache.Server.Redis;

/// <summary>Shared verdicts as strings of their own, <c>ic:{shard}:key</c>, where the shard is three hexadecimal digits. Safe for concurrent use.</summary>
/// <remarks>The client does not split a command over the slots of a cluster, and a cluster refuses one that names several. So a batch is read with one command a slot there, all on their way together, and with one in all elsewhere.</remarks>
internal sealed class RedisVerdicts(RedisConnection connection) : ISharedVerdicts
{
    public Task<ReadOnlyMemory<byte>?[]> ReadAsync(IReadOnlyList<SharedVerdictKey> keys, CancellationToken cancellationToken)
        => connection.UseAsync(multiplexer => ReadAsync(multiplexer, keys, cancellationToken), cancellationToken);

    public Task WriteAsync(IReadOnlyList<SharedVerdict> values, CancellationToken cancellationToken)
        => connection.CallAsync(
            multiplexer =>
            {
                IDatabase database = multiplexer.GetDatabase();
                return Task.WhenAll(values.Select(value => database.StringSetAsync(KeyOf(value.Key), value.Value, value.Lifetime)));
            },
            cancellationToken);

    public Task RemoveAsync(IReadOnlyList<SharedVerdictKey> keys, CancellationToken cancellationToken)
        => connection.CallAsync(
            multiplexer =>
            {
                IDatabase database = multiplexer.GetDatabase();
                return Task.WhenAll(keys.Select(key => database.KeyDeleteAsync(KeyOf(key))));
            },
            cancellationToken);

    private static RedisKey KeyOf(SharedVerdictKey key)
        => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"ic:{{{key.Shard:x3}}}:")).Concat(key.Bytes.ToArray()).ToArray();

    private static async Task<ReadOnlyMemory<byte>?[]> ReadAsync(IConnectionMultiplexer multiplexer, IReadOnlyList<SharedVerdictKey> keys, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>?[] values = new ReadOnlyMemory<byte>?[keys.Count];
        RedisKey[] names = [.. keys.Select(KeyOf)];
        bool isCluster = multiplexer.GetServers().Any(static server => server.ServerType == ServerType.Cluster);
        List<(int[] Places, Task<RedisValue[]> Command)> commands =
        [
            .. Enumerable.Range(0, names.Length)
                .GroupBy(place => isCluster ? multiplexer.HashSlot(names[place]) : 0)
                .Select(static slot => slot.ToArray())
                .Select(places => (places, multiplexer.GetDatabase().StringGetAsync([.. places.Select(place => names[place])]))),
        ];
        try
        {
            await Task.WhenAll(commands.Select(static command => command.Command)).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when ((e is OperationCanceledException || RedisConnection.IsOutage(e)) && commands.Exists(static command => command.Command.IsCompletedSuccessfully))
        {
            // One node of several is away or slow: what the others have said is good.
        }

        foreach ((int[] places, Task<RedisValue[]> command) in commands.Where(static command => command.Command.IsCompletedSuccessfully))
        {
            RedisValue[] found = await command.ConfigureAwait(false);
            for (int i = 0; i < places.Length; i++)
            {
                values[places[i]] = found[i].IsNull ? null : (ReadOnlyMemory<byte>)found[i];
            }
        }

        return values;
    }
}
