namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The hashes of one kind of thing (files, sections, imports), of each algorithm. Immutable.</summary>
/// <param name="Tables">A table for each <see cref="HashAlgorithmKind"/>.</param>
internal sealed record HashTables(HashTable[] Tables)
{
    /// <summary>Gets the number of hashes.</summary>
    public long Count => Tables.Sum(static table => (long)table.Count);

    /// <summary>Tells whether something of a size can match a hash of an algorithm.</summary>
    public bool CanMatch(HashAlgorithmKind algorithm, long size) => Tables[(int)algorithm].CanMatch(size);

    /// <summary>Tells whether something of a size can match at all.</summary>
    public bool CanMatch(long size) => Array.Exists(Tables, table => table.CanMatch(size));

    /// <summary>Looks up a hash.</summary>
    public string? Find(HashAlgorithmKind algorithm, ReadOnlySpan<byte> hash, long size) => Tables[(int)algorithm].Find(hash, size);
}

/// <summary>Collects hashes of each algorithm.</summary>
internal sealed class HashTablesBuilder
{
    private readonly HashTableBuilder[] _builders = [new(16), new(20), new(32)];

    public void Add(HashSignature signature) => _builders[(int)signature.Algorithm].Add(signature);

    public HashTables Build() => new(Array.ConvertAll(_builders, static builder => builder.Build()));
}
