namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>
/// Which contents are clean, in memory of a fixed size: from a 32-byte key and a lane to a generation of definitions and an expiry. Safe for any number of threads;
/// readers take no lock and write nothing but a hint of use.
/// </summary>
/// <remarks>
/// What is found was added: all that is kept of the key is compared, and an answer that a writer may have torn becomes a miss. What was added may be gone: the table forgets to keep
/// its size. README.md, beside this file, draws the memory and tells how the parts cooperate.
/// </remarks>
internal abstract class VerdictTable : IDisposable
{
    /// <summary>The size of a key in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>The most keys that <see cref="Find"/> takes at once.</summary>
    public const int MaxBatch = 4096;

    /// <summary>How many buckets a slice of a sweep may have so that it takes well under a millisecond.</summary>
    public const int SliceBuckets = 1024;

    /// <summary>Room for what is kept of a key where that is not the key.</summary>
    private protected const int KeptRoom = 16;

    private int _passes;

    private protected VerdictTable(long bytes, TableSecret secret)
    {
        Secret = secret;
        Memory = new SystemMemory(bytes);
    }

    /// <summary>Gets the native memory that the table holds, in bytes: never more than its budget. What it has on the managed heap does not grow with its size.</summary>
    public long Bytes => Memory.Bytes;

    /// <summary>Gets the number of buckets.</summary>
    public abstract long BucketCount { get; }

    /// <summary>Gets the size of a bucket's image in bytes.</summary>
    public abstract int BucketSize { get; }

    /// <summary>Gets how many entries a bucket has room for.</summary>
    public abstract int Ways { get; }

    /// <summary>Gets how many bytes are kept of a key.</summary>
    public abstract int KeptSize { get; }

    /// <summary>Gets a value indicating whether the keys are kept whole, and can be told.</summary>
    public bool KnowsKeys => KeptSize == KeySize;

    /// <summary>Gets how many entries there is room for.</summary>
    public long Capacity => BucketCount * Ways;

    /// <summary>Gets how many entries there are, dead ones included until they are swept; exact when no writer runs.</summary>
    public long Count => Counters.Occupied;

    /// <summary>Gets what happened so far.</summary>
    public TableCounters Counters { get; } = new();

    private protected SystemMemory Memory { get; }

    private protected TableSecret Secret { get; }

    private protected LiveGenerations Live { get; } = new();

    private protected ExpiryHours Hours { get; } = new();

    private protected bool IsPassing => Volatile.Read(ref _passes) != 0;

    /// <summary>Makes an empty table in which no generation is alive.</summary>
    /// <param name="bytes">The most native memory that it may take, in bytes; at least one page of the system. It takes all of it that makes whole buckets.</param>
    /// <param name="secret">What decides where keys live.</param>
    /// <param name="compact">Whether 16 bytes of a keyed hash are kept of each key instead of all 32.</param>
    /// <exception cref="ArgumentOutOfRangeException">The budget is smaller than a page.</exception>
    /// <exception cref="InsufficientMemoryException">The system gives no such memory.</exception>
    public static VerdictTable Create(long bytes, TableSecret secret, bool compact = false)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return bytes < Environment.SystemPageSize
            ? throw new ArgumentOutOfRangeException(nameof(bytes), bytes, $"A verdict table needs at least a page of memory: {Environment.SystemPageSize} bytes.")
            : compact ? new VerdictTable<CompactKeys>(bytes, secret) : new VerdictTable<FullKeys>(bytes, secret);
    }

    /// <summary>Computes the fingerprint of a key in no lane: what a journal keeps instead of the key.</summary>
    /// <param name="key">The key: 32 bytes.</param>
    public abstract ulong Fingerprint(ReadOnlySpan<byte> key);

    /// <summary>Computes the fingerprint that a key has under a secret where one form of keys is kept.</summary>
    public static unsafe ulong Fingerprint<TKeys>(TableSecret secret, ReadOnlySpan<byte> key)
        where TKeys : struct, IKeyForm
    {
        CheckKey(key);
        byte* room = stackalloc byte[KeptRoom];
        fixed (byte* start = key)
        {
            _ = TKeys.Keep(secret, start, room, out ulong fingerprint);
            return fingerprint;
        }
    }

    /// <summary>Looks keys up in one lane. Allocates nothing and never waits for a writer.</summary>
    /// <param name="keys">The keys, 32 bytes each, one behind the other; at most <see cref="MaxBatch"/>.</param>
    /// <param name="accepted">The lane, and the generations that answer.</param>
    /// <param name="hour">The time: entries whose expiry is not later are not found.</param>
    /// <param name="found">Receives a bit for each key, from the lowest of the first byte on: whether it has an entry that answers. The bits behind the last key become 0.</param>
    /// <param name="aged">Receives a bit for each key that was found in a generation older than the current one; empty if that is not wanted.</param>
    /// <param name="fingerprints">Receives the fingerprint of each key in no lane; empty if that is not wanted.</param>
    /// <exception cref="ArgumentException">A span has the wrong size.</exception>
    /// <exception cref="ObjectDisposedException">The table is disposed.</exception>
    public abstract void Find(ReadOnlySpan<byte> keys, in AcceptedGenerations accepted, ushort hour, Span<byte> found, Span<byte> aged, Span<ulong> fingerprints);

    /// <summary>Stores that a content is clean, or renews it. What is newer wins: a later generation, or in the same generation the later expiry.</summary>
    /// <param name="key">The key: 32 bytes.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="generation">The generation of the definitions. Up to 127 after another it is newer, modulo 256.</param>
    /// <param name="expiry">The hour from which on the entry is not found, in hours since an epoch that the caller chooses; there is none after hour 65,535.</param>
    /// <param name="hour">The time, since the same epoch.</param>
    /// <exception cref="ArgumentException">The key has another size.</exception>
    /// <exception cref="ObjectDisposedException">The table is disposed.</exception>
    public abstract AddResult Add(ReadOnlySpan<byte> key, byte lane, byte generation, ushort expiry, ushort hour);

    /// <summary>The same with what is kept of a key, as an image has it.</summary>
    public abstract AddResult AddKept(ReadOnlySpan<byte> kept, byte lane, byte generation, ushort expiry, ushort hour);

    /// <summary>Fetches what an addition will read first: for callers with many entries, some ahead of the one that they add.</summary>
    /// <param name="kept">What is kept of the key.</param>
    /// <param name="lane">The lane.</param>
    public abstract void Prepare(ReadOnlySpan<byte> kept, byte lane);

    /// <summary>Takes a key out of a lane.</summary>
    /// <returns>Whether it was there, dead or alive.</returns>
    /// <exception cref="ArgumentException">The key has another size.</exception>
    /// <exception cref="ObjectDisposedException">The table is disposed.</exception>
    public abstract bool Remove(ReadOnlySpan<byte> key, byte lane);

    /// <summary>Takes the dead entries out of some buckets: those that expired and those of generations that are not alive.</summary>
    /// <param name="position">Where to begin; receives where to go on.</param>
    /// <param name="maxBuckets">How many buckets at most; <see cref="SliceBuckets"/> take well under a millisecond.</param>
    /// <param name="hour">The time. From now on nothing is added that expires by then.</param>
    /// <returns>How many entries went.</returns>
    /// <remarks>Once a whole pass was made in one hour, readers do not look at expiries any more until a later hour is asked for.</remarks>
    public abstract long Sweep(ref SweepPosition position, int maxBuckets, ushort hour);

    /// <summary>Takes the entries out of the next buckets of a pass that a rule chooses. At the end of the pass, none is left that was there when it began.</summary>
    /// <param name="pass">The pass, of this table.</param>
    /// <param name="maxBuckets">How many buckets at most.</param>
    /// <param name="rule">The rule.</param>
    /// <returns>How many entries went.</returns>
    public abstract long RemoveWhere<TRule>(TablePass pass, int maxBuckets, ref TRule rule)
        where TRule : struct, IEntryRule;

    /// <summary>Takes everything out. What is added meanwhile may stay.</summary>
    public abstract void Clear();

    /// <summary>Frees a share of the entries, those with the soonest expiry first, whether they are popular or not: what the original product does at its limit.</summary>
    /// <param name="share">The share to free, from 0 to 1.</param>
    /// <returns>How many entries went.</returns>
    /// <remarks>Goes through the table twice, one bucket locked at a time; entries that come meanwhile may be counted or not.</remarks>
    public abstract long FreeOldest(double share);

    /// <summary>Copies buckets while others write: each as it was at one moment, not all at the same.</summary>
    /// <param name="firstBucket">The first bucket.</param>
    /// <param name="destination">Receives as many images of <see cref="BucketSize"/> bytes as it has room for.</param>
    /// <exception cref="ArgumentException">The destination is not whole images, or there are not so many buckets.</exception>
    public abstract void CopyBuckets(long firstBucket, Span<byte> destination);

    /// <summary>Has images of buckets read to where they were, in a table of the same number of buckets and the same secret, which is empty there and which nobody uses yet. Several parts at once are safe.</summary>
    /// <param name="firstBucket">The first bucket.</param>
    /// <param name="count">How many buckets.</param>
    /// <param name="spills">Receives what <see cref="RestoreSpills"/> is to write when all buckets are there.</param>
    /// <param name="read">Writes the images. Nothing about the entries is verified: it must see that the images are its own. If it throws, the buckets are empty.</param>
    /// <exception cref="ArgumentException">There are not so many buckets, or the counts are those of a table of another size.</exception>
    public abstract void RestoreBuckets(long firstBucket, int count, RestoredSpills spills, Action<Span<byte>> read);

    /// <summary>Has readers look for restored entries in their second buckets as well, after all buckets were restored.</summary>
    /// <param name="firstBucket">The first bucket.</param>
    /// <param name="count">How many buckets.</param>
    /// <param name="spills">What was counted.</param>
    /// <exception cref="ArgumentException">There are not so many buckets, or the counts are those of a table of another size.</exception>
    public abstract void RestoreSpills(long firstBucket, int count, RestoredSpills spills);

    /// <summary>Lets entries of a generation live, or makes them dead: not to be stored, and free to be overwritten or swept. At once, whatever the size.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="generation">The generation. Its number may be used anew after <see cref="Sweep"/> has gone through all buckets.</param>
    /// <param name="alive">Whether it lives. None does at first.</param>
    /// <remarks>What answers a question is for the one who asks to say (<see cref="AcceptedGenerations"/>), and not for this.</remarks>
    public void SetAlive(byte lane, byte generation, bool alive) => Live.Set(lane, generation, alive);

    /// <summary>Begins to go through all entries once. Until it is disposed, entries stay in their buckets, so that none is missed; a full bucket evicts instead.</summary>
    public TablePass BeginPass()
    {
        Interlocked.Increment(ref _passes);
        return new(this);
    }

    /// <summary>Gives the memory back, as soon as the calls that run have ended.</summary>
    public void Dispose() => Memory.Dispose();

    internal static void CheckKey(ReadOnlySpan<byte> key) => CheckKey(key, KeySize);

    internal void EndPass() => Interlocked.Decrement(ref _passes);

    private protected static void CheckKey(ReadOnlySpan<byte> key, int size)
    {
        if (key.Length != size)
        {
            throw new ArgumentException($"A key has {size} bytes, not {key.Length}.", nameof(key));
        }
    }
}
