using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What a table keeps of a key. A struct without fields, so that the table is compiled for each form as if there were no other.</summary>
internal unsafe interface IKeyForm
{
    /// <summary>Gets how many bytes of a bucket each key takes.</summary>
    static abstract int KeySize { get; }

    /// <summary>Gets how many ways a bucket has; at most 15.</summary>
    static abstract int Ways { get; }

    /// <summary>Gets the size of a bucket in bytes: an odd number of cache lines. With six, where the lines that readers look at first are all even ones, lookups among 20 million were a third slower than with five.</summary>
    static abstract int BucketSize { get; }

    /// <summary>Makes what is kept of a key, and its fingerprint.</summary>
    /// <param name="secret">The table's secret.</param>
    /// <param name="key">The key: 32 bytes.</param>
    /// <param name="room">Where it may be put.</param>
    /// <param name="fingerprint">Receives the fingerprint in no lane.</param>
    /// <returns>Where it is: there, or at the key itself.</returns>
    static abstract byte* Keep(TableSecret secret, byte* key, byte* room, out ulong fingerprint);

    /// <summary>Computes the fingerprint from what is kept.</summary>
    static abstract ulong FingerprintOf(TableSecret secret, byte* kept);

    /// <summary>Tells whether what is kept of two keys is the same.</summary>
    static abstract bool AreEqual(byte* one, byte* other);
}

/// <summary>All 32 bytes: nothing is found but what was added, whatever becomes of the secret.</summary>
internal readonly unsafe struct FullKeys : IKeyForm
{
    public const int BucketSize = 576;
    public const int Ways = 15;

    static int IKeyForm.KeySize => VerdictTable.KeySize;

    static int IKeyForm.BucketSize => BucketSize;

    static int IKeyForm.Ways => Ways;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static byte* IKeyForm.Keep(TableSecret secret, byte* key, byte* room, out ulong fingerprint)
    {
        fingerprint = secret.Fingerprint(key);
        return key;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong IKeyForm.FingerprintOf(TableSecret secret, byte* kept) => secret.Fingerprint(kept);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool IKeyForm.AreEqual(byte* one, byte* other) => Vector256.Load(one) == Vector256.Load(other);
}

/// <summary>16 bytes of a keyed hash: two thirds more fit into the same memory, and two contents are taken for one with probability 2^-128, which nobody who does not know the secret can improve.</summary>
/// <remarks>
/// A cut hash without a key would let an attacker make a pair at home in 2^64 steps, have the harmless one voted clean, and pass the other. With a key there is nothing to compute at
/// home, and each try here is a vote. The first half is the fingerprint.
/// </remarks>
internal readonly unsafe struct CompactKeys : IKeyForm
{
    public const int KeySize = 16;
    public const int BucketSize = 320;
    public const int Ways = 14;

    static int IKeyForm.KeySize => KeySize;

    static int IKeyForm.BucketSize => BucketSize;

    static int IKeyForm.Ways => Ways;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static byte* IKeyForm.Keep(TableSecret secret, byte* key, byte* room, out ulong fingerprint)
    {
        Vector128<ulong> hash = SipHash128.Of32Bytes(secret.KeyedHash, key);
        hash.Store((ulong*)room);
        fingerprint = hash[0];
        return room;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong IKeyForm.FingerprintOf(TableSecret secret, byte* kept) => Unsafe.ReadUnaligned<ulong>(kept);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool IKeyForm.AreEqual(byte* one, byte* other) => Vector128.Load(one) == Vector128.Load(other);
}
