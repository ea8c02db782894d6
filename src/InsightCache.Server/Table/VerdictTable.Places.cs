using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The table of one form of keys.</summary>
/// <typeparam name="TKeys">The form.</typeparam>
internal sealed unsafe partial class VerdictTable<TKeys> : VerdictTable
    where TKeys : struct, IKeyForm
{
    private readonly byte* _buckets;
    private readonly uint _bucketCount;

    /// <summary>Initializes an empty table. 32 bits of a fingerprint choose a bucket.</summary>
    public VerdictTable(long bytes, TableSecret secret)
        : base(Math.Min(bytes, uint.MaxValue * (long)TKeys.BucketSize), secret)
    {
        _buckets = (byte*)Memory.DangerousGetHandle();
        _bucketCount = (uint)(Memory.Bytes / TKeys.BucketSize);
    }

    public override long BucketCount => _bucketCount;

    public override int BucketSize => TKeys.BucketSize;

    public override int Ways => TKeys.Ways;

    public override int KeptSize => TKeys.KeySize;

    private static uint AllWays => (1u << TKeys.Ways) - 1;

    public override ulong Fingerprint(ReadOnlySpan<byte> key) => Fingerprint<TKeys>(Secret, key);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Bucket At(long index) => unchecked(new(_buckets + (index * TKeys.BucketSize)));

    /// <summary>The first bucket of a place: chosen by its low half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Bucket First(ulong place) => At(FirstOf(place));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long FirstOf(ulong place) => Share(unchecked((uint)place));

    /// <summary>The second bucket of a place: chosen by its high half, and never the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Bucket Second(ulong place)
    {
        long second = Share(unchecked((uint)(place >> 32)));
        if (second == FirstOf(place))
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

    private ulong PlaceOf(Bucket bucket, int way) => Secret.Place(TKeys.FingerprintOf(Secret, bucket.Key(way)), bucket.Lane(way));
}
