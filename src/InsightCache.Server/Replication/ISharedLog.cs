namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>A log that several servers write to and read, and a few named records beside it that outlive it. Safe for concurrent use.</summary>
/// <remarks>
/// It carries bytes and is trusted with nothing: the servers seal what they write and check what they read. The order of entries is the same for all readers;
/// entries may be lost, cut off at the old end, or come twice.
/// </remarks>
public interface ISharedLog
{
    /// <summary>Gets the name of the log. Seals hold for one name only.</summary>
    string Name { get; }

    /// <summary>Adds entries, all or none; those that are kept replace the record of their name at the same moment.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the log has them.</returns>
    /// <exception cref="IOException">The log cannot be reached, or did not answer in time; it may have them all the same.</exception>
    Task AppendAsync(IReadOnlyList<SharedEntry> entries, CancellationToken cancellationToken);

    /// <summary>Reads the next entries; does not wait for one.</summary>
    /// <param name="after">Where the page before ended; <see langword="null"/> to begin.</param>
    /// <param name="since">From when on entries are wanted where there is no page before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Up to some hundred entries.</returns>
    /// <exception cref="IOException">The log cannot be reached, or did not answer in time.</exception>
    Task<SharedLogPage> ReadAsync(string? after, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Reads all kept records.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>Each record with its name, in any order; one that is replaced meanwhile may come twice.</returns>
    /// <exception cref="IOException">The log cannot be reached, or did not answer in time.</exception>
    IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ReadKeptAsync(CancellationToken cancellationToken);

    /// <summary>Removes kept records that nobody needs any longer.</summary>
    /// <param name="names">Their names.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when they are gone.</returns>
    /// <exception cref="IOException">The log cannot be reached, or did not answer in time.</exception>
    Task RemoveKeptAsync(IReadOnlyList<string> names, CancellationToken cancellationToken);
}

/// <summary>What is added to a shared log.</summary>
/// <param name="Bytes">The sealed entry.</param>
/// <param name="KeptAs">The name of the record that it replaces; <see langword="null"/> if it is not kept.</param>
public readonly record struct SharedEntry(ReadOnlyMemory<byte> Bytes, string? KeptAs);

/// <summary>Entries of a shared log, in order.</summary>
/// <param name="Entries">The entries; empty bytes where somebody has added what is none.</param>
/// <param name="Last">Where the page ends; <see langword="null"/> if there was no entry yet.</param>
/// <param name="IsEnd">Whether there were no more when it was read.</param>
public sealed record SharedLogPage(IReadOnlyList<ReadOnlyMemory<byte>> Entries, string? Last, bool IsEnd);
