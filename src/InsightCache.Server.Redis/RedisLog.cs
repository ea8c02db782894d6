using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Symantec.Virtualization.InsightCache.Server.Redis;

/// <summary>The shared log as a stream, and its kept records as a hash beside it. Safe for concurrent use.</summary>
/// <remarks>Both keys have the same hash tag, so that a cluster keeps them at one node and a transaction writes both.</remarks>
internal sealed class RedisLog(RedisConnection connection, IOptions<InsightCacheRedisOptions> options) : ISharedLog
{
    private const int PageSize = 128;

    private static readonly RedisValue Field = "e";

    private readonly RedisKey _stream = $"ic:{{{options.Value.Name}}}:log";
    private readonly RedisKey _kept = $"ic:{{{options.Value.Name}}}:kept";

    public string Name => options.Value.Name;

    public Task AppendAsync(IReadOnlyList<SharedEntry> entries, CancellationToken cancellationToken)
        => connection.CallAsync(
            async multiplexer =>
            {
                ITransaction transaction = multiplexer.GetDatabase().CreateTransaction();
                List<Task> commands = [];
                foreach (SharedEntry entry in entries)
                {
                    commands.Add(transaction.StreamAddAsync(_stream, Field, entry.Bytes, messageId: null, options.Value.StreamLength, useApproximateMaxLength: true));
                    if (entry.KeptAs is { } name)
                    {
                        commands.Add(transaction.HashSetAsync(_kept, name, entry.Bytes));
                    }
                }

                bool isDone = await transaction.ExecuteAsync().ConfigureAwait(false);
                await Task.WhenAll(commands).ConfigureAwait(false);
                return isDone ? true : throw new IOException("Redis did not take a transaction.");
            },
            cancellationToken);

    public async Task<SharedLogPage> ReadAsync(string? after, DateTimeOffset since, CancellationToken cancellationToken)
    {
        string start = after ?? string.Create(CultureInfo.InvariantCulture, $"{since.ToUnixTimeMilliseconds()}-0");
        StreamEntry[] entries = await connection.CallAsync(
            multiplexer => multiplexer.GetDatabase().StreamReadAsync(_stream, start, PageSize), cancellationToken).ConfigureAwait(false);
        return new SharedLogPage(
            [.. entries.Select(static entry => (ReadOnlyMemory<byte>)entry[Field])],
            entries.Length > 0 ? entries[^1].Id.ToString() : after,
            IsEnd: entries.Length < PageSize);
    }

    public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ReadKeptAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerator<HashEntry> scan = await connection.CallAsync(
            multiplexer => Task.FromResult(multiplexer.GetDatabase().HashScanAsync(_kept, pageSize: PageSize).GetAsyncEnumerator(cancellationToken)), cancellationToken).ConfigureAwait(false);
        await using (scan.ConfigureAwait(false))
        {
            while (await connection.CallAsync(_ => scan.MoveNextAsync().AsTask(), cancellationToken).ConfigureAwait(false))
            {
                yield return new(scan.Current.Name.ToString(), (ReadOnlyMemory<byte>)scan.Current.Value);
            }
        }
    }

    public Task RemoveKeptAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
        => connection.CallAsync(
            multiplexer => multiplexer.GetDatabase().HashDeleteAsync(_kept, [.. names.Select(static name => (RedisValue)name)]), cancellationToken);
}
