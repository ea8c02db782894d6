namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Some keys on their way through the stages of a lookup.</summary>
internal unsafe struct FindStep
{
    /// <summary>How many keys make a step: enough that their lines come from memory while other steps compute, and few beside a batch, since the first and the last wait alone.</summary>
    public const int Room = 16;

    /// <summary>The keys, or what is kept of them, and how many.</summary>
    public byte* Keys;

    public int Size;

    /// <summary>What is kept of the keys, where that is not the keys themselves.</summary>
    public fixed byte Kept[Room * 16];

    /// <summary>A bit for each key that has a candidate in its first bucket; later for those of them that were not found there.</summary>
    public uint Open;

    /// <summary>A bit for each key that has none there but may have one in the second; later for those of them that have, or of which it is not sure.</summary>
    public uint Closed;

    /// <summary>A bit for each key that was found.</summary>
    public uint Found;

    /// <summary>A bit for each key that was found in a generation older than the current one.</summary>
    public uint Aged;

    /// <summary>What decides where each key lives.</summary>
    public fixed ulong Places[Room];

    /// <summary>The addresses of the first buckets, and of the second ones where they are needed.</summary>
    public fixed long Firsts[Room];

    public fixed long Seconds[Room];

    /// <summary>Where fingerprints go that nobody wants.</summary>
    public fixed ulong Fingerprints[Room];

    /// <summary>The sequences of the first buckets, read before what follows.</summary>
    public fixed uint Sequences[Room];

    /// <summary>The candidates in the first buckets.</summary>
    public fixed ushort Ways[Room];

    /// <summary>How many keys have spilled out of the first buckets.</summary>
    public fixed byte Spilled[Room];

    public fixed byte Tags[Room];
}
