namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Verdicts that several servers keep together, since they are more than one has memory for. Safe for concurrent use.</summary>
/// <remarks>It carries bytes and is trusted with nothing: the servers seal what they write and check what they read.</remarks>
public interface ISharedVerdicts
{
    /// <summary>Reads values.</summary>
    /// <param name="keys">Their keys.</param>
    /// <param name="cancellationToken">Ends the call, also one that the engine does not answer.</param>
    /// <returns>The values in the order of the keys; <see langword="null"/> for each that is not there or could not be read.</returns>
    /// <exception cref="IOException">Nothing could be read.</exception>
    Task<ReadOnlyMemory<byte>?[]> ReadAsync(IReadOnlyList<SharedVerdictKey> keys, CancellationToken cancellationToken);

    /// <summary>Writes values.</summary>
    /// <param name="values">The values with their keys, and how long each lasts.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when they are written.</returns>
    /// <exception cref="IOException">Not all were written.</exception>
    Task WriteAsync(IReadOnlyList<SharedVerdict> values, CancellationToken cancellationToken);

    /// <summary>Removes values.</summary>
    /// <param name="keys">Their keys.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when they are gone.</returns>
    /// <exception cref="IOException">Not all were removed.</exception>
    Task RemoveAsync(IReadOnlyList<SharedVerdictKey> keys, CancellationToken cancellationToken);
}

/// <summary>Where a shared verdict is kept.</summary>
/// <param name="Shard">A number below 4096, taken from the content: verdicts of one shard are kept at one place, so that they can be read together.</param>
/// <param name="Bytes">The key.</param>
public readonly record struct SharedVerdictKey(int Shard, ReadOnlyMemory<byte> Bytes);

/// <summary>A verdict to be shared.</summary>
/// <param name="Key">Where it is kept.</param>
/// <param name="Value">The sealed verdict.</param>
/// <param name="Lifetime">After how long it ends.</param>
public readonly record struct SharedVerdict(SharedVerdictKey Key, ReadOnlyMemory<byte> Value, TimeSpan Lifetime);
