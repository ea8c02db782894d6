using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>
/// Which contents are clean, in memory of a fixed size: from a 32-byte key and a lane to a generation of definitions and an expiry. Safe for any number of threads;
/// readers take no lock and write nothing but a hint of use.
/// </summary>
/// <remarks>
/// What is found was added: the whole key is compared, and an answer that a writer may have torn becomes a miss. What was added may be gone: the table forgets to keep
/// its size. README.md, beside this file, draws the memory and tells how the parts cooperate.
/// </remarks>
internal sealed unsafe partial class VerdictTable : IDisposable
{
    /// <summary>The size of a key in bytes.</summary>
    public const int KeySize = Bucket.KeySize;

    /// <summary>The size of a bucket's image in bytes.</summary>
    public const int BucketSize = Bucket.Size;

    /// <summary>The most keys that <c>Find</c> takes at once.</summary>
    public const int MaxBatch = 4096;

    private readonly SystemMemory _memory;
    private readonly TableSecret _secret;
    private readonly LiveGenerations _live = new();
    private readonly ExpiryHours _hours = new();
    private readonly TableCounters _counters = new();
    private readonly byte* _buckets;
    private readonly uint _bucketCount;
    private int _passes;

    /// <summary>Initializes an empty table in which no generation is alive.</summary>
    /// <param name="bytes">The most native memory that it may take, in bytes; at least one page of the system. It takes all of it that makes whole buckets.</param>
    /// <param name="secret">What decides where keys live.</param>
    /// <exception cref="ArgumentOutOfRangeException">The budget is smaller than a page.</exception>
    /// <exception cref="InsufficientMemoryException">The system gives no such memory.</exception>
    public VerdictTable(long bytes, TableSecret secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (bytes < Environment.SystemPageSize)
        {
            throw new ArgumentOutOfRangeException(nameof(bytes), bytes, $"A verdict table needs at least a page of memory: {Environment.SystemPageSize} bytes.");
        }

        // 32 bits of a fingerprint choose a bucket.
        bytes = Math.Min(bytes, uint.MaxValue * (long)Bucket.Size);
        _secret = secret;
        _memory = new SystemMemory(bytes);
        _buckets = (byte*)_memory.DangerousGetHandle();
        _bucketCount = (uint)(_memory.Bytes / Bucket.Size);
    }

    /// <summary>Gets the native memory that the table holds, in bytes: never more than its budget. What it has on the managed heap does not grow with its size.</summary>
    public long Bytes => _memory.Bytes;

    /// <summary>Gets the number of buckets.</summary>
    public long BucketCount => _bucketCount;

    /// <summary>Gets how many entries there is room for.</summary>
    public long Capacity => _bucketCount * (long)Bucket.Ways;

    /// <summary>Gets how many entries there are, dead ones included until they are swept; exact when no writer runs.</summary>
    public long Count => _counters.Occupied;

    /// <summary>Gets what happened so far.</summary>
    public TableCounters Counters => _counters;

    /// <summary>Lets entries of a generation live, or makes them dead: not to be stored, and free to be overwritten or swept. At once, whatever the size.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="generation">The generation. Its number may be used anew after <see cref="Sweep"/> has gone through all buckets.</param>
    /// <param name="alive">Whether it lives. None does at first.</param>
    /// <remarks>What answers a question is for the one who asks to say (<see cref="AcceptedGenerations"/>), and not for this.</remarks>
    public void SetAlive(byte lane, byte generation, bool alive) => _live.Set(lane, generation, alive);

    /// <summary>Gives the memory back, as soon as the calls that run have ended.</summary>
    public void Dispose() => _memory.Dispose();

    internal static void CheckKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeySize)
        {
            throw new ArgumentException($"A key has {KeySize} bytes, not {key.Length}.", nameof(key));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Bucket At(long index) => unchecked(new(_buckets + (index * Bucket.Size)));

    /// <summary>The first bucket of a place: chosen by its low half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Bucket First(ulong place) => At(Share(unchecked((uint)place)));

    /// <summary>The second bucket of a place: chosen by its high half, and never the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Bucket Second(ulong place)
    {
        long second = Share(unchecked((uint)(place >> 32)));
        if (second == Share(unchecked((uint)place)))
        {
            second = unchecked(second + 1 == _bucketCount ? 0 : second + 1);
        }

        return At(second);
    }

    /// <summary>Shares the buckets out evenly among all numbers of 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Share(uint number) => unchecked((long)(((ulong)number * _bucketCount) >> 32));

    /// <summary>The tag of a place, 1 to 255, from bits that choose no bucket: the low bits of a half count only where there are more than 2^24 buckets, and then the other half's do not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte TagOf(ulong place)
    {
        unchecked
        {
            uint bits = (byte)(place ^ (place >> 32));
            return (byte)(bits + ((bits - 1) >> 31));
        }
    }

    private ulong PlaceOf(Bucket bucket, int way) => _secret.Place(_secret.Fingerprint(bucket.Key(way)), bucket.Lane(way));
}
